# networks: Net
# assumed: width=24, depth=2, num_classes=7 from; nothing says otherwise
# left out:
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, width, depth, num_classes):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 4, stride=4)
        self.body = nn.Sequential(*[nn.Conv2d(width, width, 3, padding=1) for _ in range(depth)])  # finds: CW302
        self.head = nn.Linear(width, num_classes)

    def forward(self, x):
        return self.head(torch.relu(self.body(torch.relu(self.stem(x)))).mean((2, 3)))
