import pytest
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.linter import Safety, Settings
from convwright.linter.flattened_head import flattened_head, pool_globally, saved_by_pooling
from convwright.linter.linted_network import LintedNetwork


def subject(*head):
    model = nn.Sequential(nn.Conv2d(3, 8, 3), *head).eval()
    return LintedNetwork(model=model, training={}, settings=Settings(), found=analyze(model, (2, 3, 6, 6)))


def test_what_stands_between_decides_on_the_edits():
    plain = subject(nn.Flatten(), nn.Dropout(), nn.Linear(128, 10))
    normed = subject(nn.Flatten(), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 10))
    for net, safety in ((plain, Safety.CHANGES_TRAINING), (normed, Safety.SUGGESTION)):
        head = flattened_head(net)
        assert (head.channels, head.size, head.parameters) == (8, (4, 4), 1290)
        assert pool_globally(head, net).safety is safety
        assert saved_by_pooling(head).parameters == 15 * 8 * 10


@pytest.mark.parametrize(
    "head",
    [
        (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)),
        (nn.AdaptiveAvgPool2d((1, 4)), nn.Flatten(2), nn.Linear(4, 10)),
        (nn.Conv2d(8, 8, 4, groups=8), nn.Flatten(), nn.Linear(8, 10)),
        (nn.ReLU(),),
    ],
    ids=["pooled", "per channel", "depthwise", "no classifier"],
)
def test_other_heads_pass(head):
    assert flattened_head(subject(*head)) is None
