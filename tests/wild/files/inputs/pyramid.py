# networks: Pyramid
# left out:
# input: maps.0=1x8x64x64, maps.1=1x16x32x32, maps.2=1x32x16x16
# assumed: maps is a mapping of tensors, `lateral.2` takes 32 channels
from collections import OrderedDict

import torch.nn.functional as F
from torch import Tensor, nn


class Pyramid(nn.Module):
    def __init__(self, widths=(8, 16, 32), width=16):
        super().__init__()
        self.lateral = nn.ModuleList([nn.Conv2d(each, width, 1) for each in widths])
        self.smooth = nn.ModuleList([nn.Conv2d(width, width, 3, padding=1) for _ in widths])

    def forward(self, maps: dict[str, Tensor]) -> dict[str, Tensor]:
        found, above = OrderedDict(), None
        for lateral, smooth, (name, x) in reversed([*zip(self.lateral, self.smooth, maps.items(), strict=True)]):
            x = lateral(x)
            above = x if above is None else x + F.interpolate(above, size=x.shape[-2:])
            found[name] = smooth(above)
        return found
