import pytest
from torch import nn

from convwright.linter import Severity
from reference.linting import found


def net(*layers, channels=16):
    return nn.Sequential(nn.Conv2d(3, channels, 3, padding=1), *layers)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(16, 16, 5, padding=2, groups=16),
        nn.Conv2d(16, 16, 5, padding=2, stride=2),
        nn.Conv2d(16, 16, 5),
        nn.Conv2d(16, 16, (1, 7), padding=(0, 3)),
        nn.Conv2d(16, 64, 5, padding=2),
        nn.Conv2d(16, 1, 7, padding=3),
    ],
    ids=["depthwise", "strided", "shrinking", "flat", "widening", "gate"],
)
def test_a_stack_would_not_do_the_same_for_less(layer):
    assert not found("CW402", net(layer), (1, 3, 32, 32))


def test_the_stem_passes():
    assert not found("CW402", nn.Conv2d(3, 16, 7, padding=3), (1, 3, 32, 32))


def test_the_stack_keeps_the_bias_where_no_norm_follows():
    (finding,) = found("CW402", net(nn.Conv2d(16, 16, 7, padding=3), nn.ReLU()), (1, 3, 32, 32))
    (edit,) = finding.fix.edits
    assert edit.code.count("nn.Conv2d") == 3
    assert "bias" not in edit.code
    assert finding.severity is Severity.ADVICE
    assert finding.gain.macs == finding.gain.parameters * 32 * 32


def test_a_habit_is_a_warning():
    layers = [nn.Conv2d(16, 16, 5, padding=2) for _ in range(3)]
    assert {f.severity for f in found("CW402", net(*layers), (1, 3, 32, 32))} == {Severity.WARNING}
