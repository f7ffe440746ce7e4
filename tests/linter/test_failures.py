import pytest
from torch import nn

from convwright.graph import trace
from convwright.graph.failure import CallError
from convwright.linter.failures import cause_of, compared


def failure(net, shape=(1, 3, 8, 8)):
    with pytest.raises(CallError) as caught:
        trace(net, shape)
    return caught.value


@pytest.mark.parametrize(
    ("net", "cause"),
    [
        (nn.Linear(4, 2), "features"),
        (nn.Conv2d(3, 8, 9), "window"),
        (nn.Conv2d(3, 8, 3, padding=1, dilation=5), "window"),
        (nn.MaxPool2d(9), "window"),
        (nn.Conv2d(4, 8, 9), "other"),
        (nn.MaxPool2d(4, padding=3), "other"),
        (nn.BatchNorm2d(4), "other"),
    ],
)
def test_each_failure_has_one_cause(net, cause):
    assert cause_of(failure(net.eval())) == cause


def test_an_error_that_lost_its_scene_is_told_in_its_own_words():
    lost = failure(nn.Linear(4, 2))
    lost.call = None
    assert cause_of(lost) == "other"
    assert compared(lost).startswith("takes 4 features, but gets 8")
