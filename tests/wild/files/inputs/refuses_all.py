# networks: Picky
# left out:
# failure: no input fits of those tried
from torch import nn


class Picky(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        if x.shape[-1] != 3 * x.shape[-2] + 1:
            raise ValueError("an unusual picture")
        return self.conv(x)
