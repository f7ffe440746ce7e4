"""A first CNN for 32x32 images, as one writes it: it runs, it learns something, and much of it is a mistake.

convwright lint examples/flawed_net.py --input 3x32x32
convwright lint examples/flawed_net.py --input 3x32x32 --fix --unsafe-fixes --diff
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ConvBlock(nn.Module):
    """Two large convolutions, each with its batch norm."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=7, padding=3)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, kernel_size=7, padding=3)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)))


class FlawedNet(nn.Module):
    """Blocks and pools, then fully connected layers."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.stage1 = nn.Sequential(ConvBlock(3, 16), ConvBlock(16, 16))
        self.stage2 = nn.Sequential(ConvBlock(16, 32), ConvBlock(32, 32))
        self.stage3 = nn.Sequential(ConvBlock(32, 64), ConvBlock(64, 64))
        self.pool = nn.MaxPool2d(2, 2)
        self.last_conv = nn.Conv2d(64, 64, kernel_size=3, padding=1)  # more depth cannot hurt
        self.fc1 = nn.Linear(64 * 4 * 4, 1024)
        self.fc2 = nn.Linear(1024, 512)
        self.fc3 = nn.Linear(512, num_classes)
        self.fc4 = nn.Linear(512, 256)  # from an earlier attempt
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.stage1(x))
        x = self.pool(self.stage2(x))
        x = self.pool(self.stage3(x))
        x = F.relu(self.last_conv(x))
        x = F.relu(x)
        x = x.view(-1, 64 * 4 * 4)  # flatten
        x = self.dropout(F.relu(self.fc1(x)))
        x = self.dropout(F.relu(self.fc2(x)))
        x = self.fc3(x)
        return F.softmax(x, dim=1)  # probabilities
