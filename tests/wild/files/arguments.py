# networks: Net
# left out: parses arguments; needs args
import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("data", help="folder with the images")
parser.add_argument("--width", type=int, default=8)
args = parser.parse_args()
batch_size = args.batch_size


class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)

    def forward(self, x):
        return torch.relu(self.conv(x))
