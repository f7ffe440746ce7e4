# networks: Net
# left out: calls optim.SGD
# arguments:
from abc import ABC, abstractmethod
import torch
from torch import nn, optim


class Base(nn.Module):
    def forward(self, x):
        """Left to others."""
        raise NotImplementedError


class Encoder(nn.Module, ABC):
    @abstractmethod
    def encode(self, x): ...

    def forward(self, x):
        return self.encode(x)


class FocalLoss(nn.Module):
    def __init__(self, gamma):
        super().__init__()
        self.gamma = gamma

    def forward(self, x, y):
        return ((1 - x) ** self.gamma * y).mean()


class Dice(nn.Module):
    def forward(self, logits, targets):
        return (logits * targets).sum()


class TopAccuracy(nn.Module):
    def forward(self, x):
        return x.argmax(1)


class Swish(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(x)


class Net(Base):
    def __init__(self, act=nn.ReLU):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.act = act()

    def forward(self, x):
        return self.act(self.conv(x))


criterion = FocalLoss(2)
optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
