# networks: Net
# left out:
# arguments: width=12 from repository/settings.py:4; act=ReLU from repository/tools/train.py:14
from torch import nn


class Net(nn.Module):
    def __init__(self, width, act):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.act = act()

    def forward(self, x):
        return self.act(self.conv(x))
