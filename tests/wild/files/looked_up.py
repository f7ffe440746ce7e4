# networks: VGG
# left out:
# arguments: name='small' from looked_up.py:7
import torch
from torch import nn

WIDTHS = {
    "small": [8, "M"],
    "large": [16, "M", "M"],
}


class VGG(nn.Module):
    def __init__(self, name, classes=10):
        super().__init__()
        layers, channels = [], 3
        for width in WIDTHS[name]:
            if width == "M":
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        return self.fc(torch.mean(self.features(x), (2, 3)))
