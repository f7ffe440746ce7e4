# networks: Net
# left out: opens a file; prints; waits; needs SETTINGS
from torch import nn
from beside_utils import SETTINGS, WIDTH, block


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(block(WIDTH))
