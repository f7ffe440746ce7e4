# networks: Video
# left out:
# input: 1x3x16x112x112
# assumed: `conv` takes 3 channels
from torch import nn


class Video(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(3, 8, 3, padding=1)

    def forward(self, clip):
        return self.conv(clip).mean((2, 3, 4))
