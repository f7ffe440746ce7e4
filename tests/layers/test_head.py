import pytest
import torch
from torch import nn
from torchvision.models import mobilenet_v3_small, vgg16

from convwright.errors import ConvwrightError
from convwright.layers import Head
from reference.peers import assert_same_block


def test_fully_connected_is_vggs():
    """The same layers in the same order with the same shapes; on the meta device, since they are 0.5 GB."""
    with torch.device("meta"):
        ours, net = Head("fc", 512, 1000, dropout=0.5), vgg16()
    theirs = nn.Sequential(net.avgpool, nn.Flatten(), *net.classifier)
    described = [
        [(type(layer), [tuple(p.shape) for p in layer.parameters()], getattr(layer, "p", None)) for layer in head]
        for head in (ours, theirs)
    ]
    assert described[0] == described[1]


def test_fully_connected_takes_any_map():
    head = Head("fc", 1, 3).eval()
    for size in (1, 7, 10):
        assert head(torch.randn(2, 1, size, size)).shape == (2, 3)


def test_gap_averages_and_classifies():
    theirs = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4))
    assert_same_block(Head("gap", 6, 4), theirs, torch.randn(2, 6, 3, 5))


def test_a_hidden_layer_is_mobilenet_v3s():
    net = mobilenet_v3_small(num_classes=10)
    ours = Head("gap", 576, 10, hidden=1024, act="hardswish", dropout=0.2)
    assert [type(layer) for layer in list(ours)[1:]] == [type(layer) for layer in net.classifier]
    net.classifier[2].p = ours.dropout.p = 0.0  # two layers of dropout never drop alike
    assert_same_block(ours, nn.Sequential(net.avgpool, nn.Flatten(), net.classifier), torch.randn(2, 576, 3, 2))


def test_none_gives_pooled_features():
    x = torch.randn(2, 6, 3, 5)
    torch.testing.assert_close(Head("none", 6, 4)(x), x.mean((2, 3)))


def test_dropout_works_in_training_only():
    head = Head("gap", 64, 4, dropout=0.5)
    x = torch.randn(2, 64, 3, 3)
    assert not torch.equal(head(x), head(x))
    assert torch.equal(head.eval()(x), head(x))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("gpa", 8, 10), {}, r"^unknown head 'gpa': expected one of fc, gap, none; did you mean gap\?$"),
        (("gap", 8, 0), {}, "^num_classes: expected at least 1, got 0$"),
        (("fc", 8, -1), {}, "^num_classes: expected at least 1, got -1$"),
        (("gap", 0, 10), {}, "^in_channels: expected at least 1, got 0$"),
        (("gap", 8, 10), {"hidden": -4}, "^hidden: expected at least 0, got -4$"),
        (("gap", 8, 10), {"dropout": 1.0}, r"^dropout: expected a fraction .*, got 1\.0$"),
        (("gap", 8, 10), {"hidden": 4, "act": "rely"}, "^unknown activation 'rely'"),
    ],
)
def test_bad_input(arguments, options, message):
    with pytest.raises(ConvwrightError, match=message):
        Head(*arguments, **options)
