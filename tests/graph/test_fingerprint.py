"""The same network has the same fingerprint, and any other has another."""

import torch
from torch import nn

from convwright.graph.fingerprint import model_fingerprint
from convwright.models import build
from reference.tiny_study import net

SHAPE = (3, 8, 8)


def of(**options):
    return model_fingerprint(net(num_classes=3, in_channels=3, seed=0, **options), SHAPE)


def test_a_network_has_one_fingerprint():
    assert of() == of()
    assert len({of(), of(pool="average"), of(width=9)}) == 3


def test_the_first_weights_count():
    model = net(num_classes=3, in_channels=3, seed=0)
    with torch.no_grad():
        model[0].weight[0, 0, 0, 0] += 1e-6
    assert model_fingerprint(model, SHAPE) != of()


def test_an_argument_that_changes_no_shape_counts():
    def dropping(share):
        return nn.Sequential(nn.Flatten(), nn.Dropout(share), nn.Linear(192, 3))

    weights = dropping(0.1).state_dict()
    found = set()
    for share in (0.1, 0.2):
        model = dropping(share)
        model.load_state_dict(weights)
        found.add(model_fingerprint(model, SHAPE))
    assert len(found) == 2


def test_modes_and_statistics_are_left_alone():
    model = net(num_classes=3, in_channels=3, seed=0).eval()
    model[1].train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model_fingerprint(model, SHAPE)
    assert [layer.training for layer in model] == [False, True, *[False] * (len(model) - 2)]
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_network_that_draws_has_one_fingerprint_too():
    found = {
        model_fingerprint(build("downsample_stack_max", downsample="stochastic", width=0.25), (3, 16, 16)) for _ in "ab"
    }
    assert len(found) == 1


def test_each_mode_has_its_own():
    model = net(num_classes=3, in_channels=3, seed=0)
    assert model_fingerprint(model, SHAPE, training=False) != of()
