# networks: model
# left out: prints; imports torchinfo, which is missing
# input: 3x96x64
# assumed: summary_call.py:21 gives it 1x3x96x64
import torchinfo
from torch import nn


class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(8, 2, 2, stride=2)

    def forward(self, image):
        """Segment (N, 3, 500, 500)."""
        return self.up(self.down(image).relu())


model = Segmenter()
print(torchinfo.summary(model, input_size=(1, 3, 96, 64)))
