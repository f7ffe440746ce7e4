from torch import nn
from torch.nn import functional as F

from convwright.linter import Safety
from reference.linting import found


class Shared(nn.Module):
    def __init__(self, act):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(3, 3, 1) for _ in range(3))
        self.act = act

    def forward(self, x):
        for conv in self.convs:
            x = self.act(conv(x))
        return x


def test_other_targets_pass():
    for target in ("gpu", "cpu"):
        assert not found("CW804", nn.Sequential(nn.Conv2d(3, 8, 1), nn.SiLU()), (1, 3, 8, 8), target=target)


def test_a_shared_activation_is_replaced_once():
    (finding,) = found("CW804", Shared(nn.GELU()), (1, 3, 8, 8), target="mobile")
    assert "3 calls" in finding.message
    assert [edit.path for edit in finding.fix.edits] == ["act"]


def test_a_functional_call_has_no_edit():
    (finding,) = found("CW804", Shared(F.silu), (1, 3, 8, 8), target="mobile")
    assert finding.fix.safety is Safety.SUGGESTION
