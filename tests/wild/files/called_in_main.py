# networks: Net
# left out:
# arguments: block=Block, layers=[1, 2], num_classes=10 from called_in_main.py:32
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return torch.relu(self.norm(x)) + x


class Net(nn.Module):
    def __init__(self, block, layers, num_classes):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.stages = nn.ModuleList([nn.Sequential(*[block(8) for _ in range(n)]) for n in layers])
        self.fc = nn.Linear(8, num_classes)

    def forward(self, x):
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return self.fc(x.mean((2, 3)))


if __name__ == "__main__":
    net = Net(Block, [1, 2], num_classes=10)
    print(net(torch.zeros(1, 3, 32, 32)).shape)
