# A registry and a tree of settings: the class gets cfg, and a package that is missing made it.
# networks: build_model
# assumed: cfg={'INPUT': {'SIZE': [40, 40]}; nothing says otherwise
# left out:
import torch
from torch import nn

from .registry import MODELS


@MODELS.register()
class TinyNet(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width = cfg.MODEL.WIDTH
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 3, stride=2, padding=1),  # finds: CW301
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )
        self.head = nn.Linear(width, cfg.MODEL.NUM_CLASSES)

    def forward(self, x):
        return self.head(self.stem(x).mean((-2, -1)))


def build_model(cfg):
    model = MODELS[cfg.MODEL.NAME](cfg)
    if torch.cuda.is_available():
        model = model.cuda()
    return model
