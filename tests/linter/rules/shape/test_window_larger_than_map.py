from torch import nn
from torch.nn import functional as F

from convwright.linter import Safety, lint
from reference.linting import codes


def test_a_max_pool_is_not_made_global():
    (finding,) = lint(nn.Sequential(nn.Conv2d(3, 8, 3), nn.MaxPool2d(40)), (1, 3, 32, 32)).findings
    assert (finding.code, finding.fix.safety) == ("CW102", Safety.SUGGESTION)


def test_a_functional_pool_has_no_edit():
    class Net(nn.Module):
        def forward(self, x):
            return F.avg_pool2d(x, 40)

    (finding,) = lint(Net(), (1, 3, 32, 32)).findings
    assert (finding.code, finding.fix.safety) == ("CW102", Safety.SUGGESTION)


def test_wrong_channels_come_before_the_window():
    assert codes(lint(nn.Conv2d(4, 8, 40), (1, 3, 32, 32))) == {"CW103"}


def test_too_much_padding_of_a_pool_is_no_large_window():
    assert codes(lint(nn.MaxPool2d(2, padding=2), (1, 3, 32, 32))) == {"CW103"}
