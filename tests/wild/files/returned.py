# networks: build; from_library
# left out:
# arguments:
import torch
from torch import nn


class Head(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.fc = nn.Linear(width, classes)

    def forward(self, x):
        return self.fc(x.mean((2, 3)))


def conv_block(width):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU())


def head(width) -> "Head":
    return Head(width, 10)


def build(width=8) -> nn.Module:
    body = conv_block(width)
    model = nn.Sequential(body, head(width))
    return model.eval()


def from_library(classes=10):
    from torchvision.models import SqueezeNet
    net = SqueezeNet(num_classes=classes)
    net.features = nn.Conv2d(3, 512, 3)
    net.classifier = nn.Flatten()
    return net


def freeze(model):
    for each in model.parameters():
        each.requires_grad = False
    return model


def loss():
    return nn.CrossEntropyLoss()


def activation():
    return nn.ReLU()


def batches():
    return torch.zeros(2, 3, 8, 8)


def train():
    model = build()
    torch.save(model.state_dict(), "ran.pth")
    return model
