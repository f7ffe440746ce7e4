# networks: net
# left out: prints; moves to a device; builds a loader; calls optim.SGD; needs trainloader; writes
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset

print("==> Preparing data..")
device = "cuda" if torch.cuda.is_available() else "cpu"
os.makedirs("ran", exist_ok=True)
trainloader = DataLoader(TensorDataset(torch.zeros(4, 3, 8, 8)), batch_size=2)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.fc = nn.Linear(6, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        return self.fc(x.mean((2, 3)))


net = Net().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
for epoch in range(2):
    for (x,) in trainloader:
        loss = net(x).sum()
        loss.backward()
        optimizer.step()
torch.save(net.state_dict(), "ran.pth")
