import pytest
from torch import nn

from convwright.linter import Severity
from convwright.models import build
from reference.linting import found


class Stack(nn.Module):
    """Convolutions in a row; every `skip`-th is bridged."""

    def __init__(self, depth, *, skip=0, kernel=3):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(3, 3, kernel, padding=kernel // 2) for _ in range(depth))
        self.skip, self.head = skip, nn.Linear(3, 10)

    def forward(self, x):
        for number, conv in enumerate(self.convs, 1):
            y = conv(x).relu()
            x = x + y if self.skip and number % self.skip == 0 else y
        return self.head(x.mean((2, 3)))


@pytest.mark.parametrize(
    ("depth", "severities"), [(10, []), (11, [Severity.ADVICE]), (20, [Severity.ADVICE]), (21, [Severity.WARNING])]
)
def test_the_limits(depth, severities):
    assert [finding.severity for finding in found("CW501", Stack(depth), (1, 3, 8, 8))] == severities


@pytest.mark.parametrize("net", [Stack(40, skip=4), Stack(40, kernel=1)], ids=["skips", "pointwise"])
def test_skips_break_the_row_and_pointwise_convolutions_do_not_count(net):
    assert not found("CW501", net, (1, 3, 8, 8))


def test_only_classifiers_are_judged():
    net = nn.Sequential(*[nn.Conv2d(3, 3, 3, padding=1) for _ in range(30)])
    assert not found("CW501", net, (1, 3, 8, 8))


def test_vgg_draws_advice_only():
    (finding,) = found("CW501", build("vgg16"), (1, 3, 32, 32))
    assert finding.severity is Severity.ADVICE
    assert "13 convolutions" in finding.message
