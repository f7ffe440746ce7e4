# networks: Net
# left out:
# arguments: cfg=Config(width=8, kernels=[3, 1], bias=False) from dataclass_settings.py:33
import torch
from dataclasses import dataclass, field
from torch import nn


@dataclass
class Config:
    width: int = 8
    kernels: list = field(default_factory=lambda: [3, 1])
    bias: bool = True


class Net(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.conv = nn.Conv2d(3, cfg.width, cfg.kernels[0], bias=cfg.bias)

    def forward(self, x):
        return torch.relu(self.conv(x))


class Trainer:
    def __init__(self, cfg: Config):
        self.cfg = cfg
        self.net = Net(self.cfg)


if __name__ == "__main__":
    settings = Config()
    settings.bias = False
    Trainer(settings)
