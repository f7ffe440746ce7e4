# networks: Net
# left out: prints
from torch import nn
from ..config import WIDTH
from .blocks import block


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(block(WIDTH))
