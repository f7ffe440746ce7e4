# networks: Classifier
# left out:
# arguments: encoder=Identity(), num_classes=10, since nothing says them
from torch import nn


class Classifier(nn.Module):
    def __init__(self, encoder: nn.Module, num_classes):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Conv2d(64, num_classes, 1)

    def forward(self, x):
        return self.head(self.encoder(x)).mean((2, 3))
