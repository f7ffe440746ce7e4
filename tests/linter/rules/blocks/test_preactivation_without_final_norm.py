import torch
from torch import nn

from convwright.linter import Safety
from convwright.models import build
from reference.linting import found


class Pre(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        return x + self.conv(self.norm(x).relu())


class Rep(nn.Module):
    """A norm as one of three parallel branches, without an activation after the sum."""

    def __init__(self):
        super().__init__()
        self.norm, self.wide, self.narrow = nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 8, 1)

    def forward(self, x):
        return self.norm(x) + self.wide(x) + self.narrow(x)


class Pooled(nn.Module):
    """Pools by a mean, and normalizes after it where asked."""

    def __init__(self, *blocks, norm=nn.Identity):
        super().__init__()
        self.blocks = nn.Sequential(nn.Conv2d(3, 8, 3), *blocks)
        self.norm, self.head = norm(), nn.Linear(8, 10)

    def forward(self, x):
        return self.head(self.norm(self.blocks(x).mean((2, 3))))


def test_a_functional_pool_gets_words_only():
    (finding,) = found("CW505", Pooled(Pre(), Pre()), (2, 3, 8, 8))
    assert "the last of 2 sums" in finding.message
    assert finding.fix.safety is Safety.SUGGESTION


def test_a_norm_after_the_pool_will_do():
    assert not found("CW505", Pooled(Pre(), Pre(), norm=lambda: nn.LayerNorm(8)), (2, 3, 8, 8))


def test_other_blocks_pass():
    assert not found("CW505", Pooled(Rep(), Rep()), (2, 3, 8, 8))
    assert not found("CW505", build("resnet20"), (2, 3, 32, 32))
    assert not found("CW505", torch.nn.Sequential(nn.Conv2d(3, 8, 3), Pre(), Pre()), (2, 3, 8, 8))
