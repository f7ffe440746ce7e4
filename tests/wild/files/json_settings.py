# networks: Net
# left out: opens a file
# arguments: width=6, kernel=5 from json_settings.py:9
import json
import os
import torch
from torch import nn

with open(os.path.join(os.path.dirname(__file__), "json_settings.json")) as f:
    config = json.load(f)


class Net(nn.Module):
    def __init__(self, width, *, kernel):
        super().__init__()
        self.conv = nn.Conv2d(3, width, kernel)

    def forward(self, x):
        return torch.relu(self.conv(x))


def train():
    net = Net(**config["model"]).cuda()
    net(torch.zeros(1, 3, 8, 8).cuda()).sum().backward()
