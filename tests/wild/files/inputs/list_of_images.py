# networks: Detector
# left out:
# input: images.0=3x48x64, images.1=3x48x64
# assumed: list_of_images.py:22 gives it 3x48x64 and 3x48x64
import torch
from torch import nn


class Detector(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1)
        self.boxes = nn.Conv2d(width, 4, 1)

    def forward(self, images, targets=None):
        x = torch.stack([(image - 0.5) / 0.25 for image in images])
        return self.boxes(torch.relu(self.conv(x)))


def test_boxes():
    images = [torch.rand(3, 48, 64), torch.rand(3, 48, 64)]
    assert Detector()(images).shape == (2, 4, 48, 64)
