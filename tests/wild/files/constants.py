# networks: model
# left out:
import collections
import logging
import math
import os
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
import numpy as np
import torch
from torch import nn

ROOT = Path(__file__).resolve().parent / "data"
NAME = os.path.join("a", "b").replace("a", "c")
WIDTHS = [2 ** i for i in range(2, 5)]
MEAN = np.array([0.5, 0.5, 0.5])
ANCHORS = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
Size = collections.namedtuple("Size", "height width")
size = Size(4, 4)
logger = logging.getLogger(__name__)
table = {}
for width in WIDTHS:
    table[width] = math.sqrt(width)
table.update(last=1)


class Kind(Enum):
    SMALL = 1


@dataclass
class Config:
    width: int = 8
    kinds: list = field(default_factory=list)


cfg = Config(width=WIDTHS[0])
cfg.kinds.append(Kind.SMALL)
options = SimpleNamespace(bias=not cfg.kinds)
act = lambda: nn.ReLU()


def conv(width):
    layers = []
    layers.append(nn.Conv2d(3, width, 3, bias=options.bias))
    return nn.Sequential(*layers)


model = nn.Sequential(conv(cfg.width), act())
model.eval()
