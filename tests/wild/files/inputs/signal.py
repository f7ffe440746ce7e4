# networks: Ecg
# left out:
# input: 1x12x1000
# assumed: `fc` takes 4000
from torch import nn


class Ecg(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(12, 16, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(16, 16, 7, padding=3), nn.MaxPool1d(2)
        )
        self.fc = nn.Linear(16 * 250, 5)

    def forward(self, x):
        batch, leads, length = x.shape
        return self.fc(self.body(x).reshape(batch, -1))
