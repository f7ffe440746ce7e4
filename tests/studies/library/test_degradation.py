"""What the degradation study claims of its arms."""

import pytest
import torch
from torch import nn

from convwright.studies import study_named
from convwright.studies.library.degradation import DEPTHS

STUDY = study_named("degradation")


def built(name):
    return STUDY.arm(name).build(num_classes=10, in_channels=3, seed=0)


@pytest.mark.parametrize("depth", DEPTHS)
def test_an_arm_has_the_layers_it_is_named_for(depth):
    for kind in ("plain", "residual"):
        layers = [each for each in built(f"{kind}-{depth}").modules() if isinstance(each, nn.Conv2d | nn.Linear)]
        assert len(layers) == depth


@pytest.mark.parametrize("depth", DEPTHS)
def test_pairs_differ_in_the_shortcuts_alone(depth):
    plain, residual = (built(f"{kind}-{depth}").state_dict() for kind in ("plain", "residual"))
    assert plain.keys() == residual.keys()
    assert all(torch.equal(value, residual[name]) for name, value in plain.items())


def test_depth_is_expected_to_hurt_plain_networks_alone():
    expected = {arm.name: arm.expected for arm in STUDY.arms}
    assert expected.pop("plain-20") is expected.pop("residual-20") is None
    assert all((said == "worse") is name.startswith("plain") for name, said in expected.items())
