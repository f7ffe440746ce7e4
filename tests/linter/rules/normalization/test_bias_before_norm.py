"""CW301: where a bias is cancelled, and where it only looks so."""

import pytest
import torch
from torch import nn

from convwright.linter import Settings, lint
from convwright.linter.fix_module import fix
from reference.peers import randomize

ONLY = Settings(select=("CW301",))


class Reused(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)

    def forward(self, x):
        return self.conv(self.norm(self.conv(x)))


class Branching(Reused):
    def forward(self, x):
        x = self.conv(x)
        return self.norm(x) + x


@pytest.mark.parametrize(
    ("model", "shape", "paths"),
    [
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)), (2, 3, 8, 8), ["0"]),
        (nn.Sequential(nn.Conv1d(3, 8, 3), nn.BatchNorm1d(8)), (2, 3, 8), ["0"]),
        (nn.Sequential(nn.ConvTranspose2d(3, 8, 3), nn.BatchNorm2d(8)), (2, 3, 8, 8), ["0"]),
        (nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8)), (2, 3), ["0"]),
        (nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(5)), (2, 5, 3), []),
        (nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8)), (2, 3, 8, 8), []),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.BatchNorm2d(8)), (2, 3, 8, 8), []),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(4, 8)), (2, 3, 8, 8), []),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8, track_running_stats=False)), (2, 3, 8, 8), []),
        (Reused(), (2, 3, 8, 8), []),
        (Branching(), (2, 3, 8, 8), []),
    ],
)
def test_where_it_fires(model, shape, paths):
    assert [finding.path for finding in lint(model, shape, settings=ONLY).findings] == paths


@pytest.mark.parametrize("norm", [nn.BatchNorm2d(8), nn.BatchNorm2d(8, affine=False), nn.BatchNorm2d(8, momentum=None)])
def test_the_running_mean_takes_the_bias_over(norm):
    model = nn.Sequential(nn.Conv2d(3, 8, 3), norm).eval()
    randomize(model)
    x = torch.randn(2, 3, 8, 8)
    new = fix(model, (2, 3, 8, 8), settings=ONLY).state
    assert new[0].bias is None
    torch.testing.assert_close(new(x), model(x))
