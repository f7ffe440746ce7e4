# Time series: hidden states made in forward on the device; nothing is wrong with it.
# networks: model
# assumed: gives it 1x20x1
# left out: calls pd.read_csv; loads weights; moves to a device
import pandas as pd
import torch
import torch.nn as nn
from sklearn.preprocessing import MinMaxScaler

df = pd.read_csv("AAPL.csv", index_col="Date", parse_dates=True)
scaler = MinMaxScaler(feature_range=(-1, 1))
df["Close"] = scaler.fit_transform(df["Close"].values.reshape(-1, 1))
lookback = 20
input_dim = 1
hidden_dim = 32
num_layers = 2
output_dim = 1
device = "cuda"


class LSTM(nn.Module):
    def __init__(self, input_dim, hidden_dim, num_layers, output_dim):
        super(LSTM, self).__init__()
        self.hidden_dim = hidden_dim
        self.num_layers = num_layers
        self.lstm = nn.LSTM(input_dim, hidden_dim, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_dim, output_dim)

    def forward(self, x):
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden_dim).requires_grad_().to(device)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden_dim).requires_grad_().to(device)
        out, (hn, cn) = self.lstm(x, (h0.detach(), c0.detach()))
        out = self.fc(out[:, -1, :])
        return out


model = LSTM(input_dim=input_dim, hidden_dim=hidden_dim, output_dim=output_dim, num_layers=num_layers)
model.load_state_dict(torch.load("best.pth"))
model.to(device)
model.eval()
pred = model(torch.zeros(1, lookback, input_dim).to(device))
pd.DataFrame(pred.detach().cpu().numpy()).to_csv("submission.csv", index=False)
