# networks: Net
# left out: prints
import sys
from torch import nn

print("loading")
ARGUMENTS = list(sys.argv)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        print("building", file=sys.stdout)
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        print("input", x.shape)
        return self.conv(x)
