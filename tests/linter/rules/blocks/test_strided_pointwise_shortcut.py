import torch
from torch import nn

from convwright.models import build
from reference.linting import found


class Block(nn.Module):
    """Two convolutions beside a projection; one, as in RepVGG, when `depth` is 1."""

    def __init__(self, depth=2, stride=2):
        super().__init__()
        self.convs = nn.Sequential(*[nn.Conv2d(8, 8, 3, stride if n == 0 else 1, 1) for n in range(depth)])
        self.shortcut = nn.Conv2d(8, 8, 1, stride)

    def forward(self, x):
        return torch.relu(self.convs(x) + self.shortcut(x))


def test_shortcuts_are_counted_in_one_finding():
    (finding,) = found("CW503", build("resnet18"), (1, 3, 64, 64))
    assert "2 other shortcuts" in finding.message
    assert len(finding.fix.edits) == 3


def test_an_odd_map_is_pooled_to_the_same_size():
    (finding,) = found("CW503", nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), Block()), (1, 3, 15, 15))
    assert "ceil_mode=True" in finding.fix.edits[0].code


def test_parallel_branches_and_unstrided_projections_pass():
    for block in (Block(depth=1), Block(stride=1)):
        assert not found("CW503", nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), block), (1, 3, 16, 16))
