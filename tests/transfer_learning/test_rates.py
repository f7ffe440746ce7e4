"""Every stage has its rate and its moment; nothing is left out, for any kind of network."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.models import build
from convwright.training.layer_groups import check_layer_groups
from convwright.transfer_learning import backbone_of
from convwright.transfer_learning.rates import discriminative_layer_groups

STAGES = {"stem": ("conv1", "bn1"), "stage1": ("layer1",), "stage2": ("layer2",), "head": ("fc",)}


@given(st.floats(0.01, 1.0), st.floats(0.0, 0.99))
def test_rates_rise_and_starts_fall_towards_the_head(decay, unfrozen_by):
    layer_groups = discriminative_layer_groups(STAGES, decay=decay, unfrozen_by=unfrozen_by)
    assert [group.name for group in layer_groups] == list(STAGES)
    assert [group.modules for group in layer_groups] == list(STAGES.values())
    for before, after in pairwise(layer_groups):
        assert before.lr_factor == pytest.approx(decay * after.lr_factor)
        assert before.starts >= after.starts
    assert (layer_groups[-1].lr_factor, layer_groups[-1].starts) == (1.0, 0.0)
    assert layer_groups[0].starts == pytest.approx(unfrozen_by)
    assert all(group.keeps_statistics for group in layer_groups)


@pytest.mark.parametrize("name", ["resnet20", "vgg11_bn", "efficientnet_lite0", "densenet121", "mobilenet_v3_small"])
def test_they_hold_every_parameter_once(name):
    backbone = backbone_of(build(name, width=0.25))
    check_layer_groups(
        backbone.model, discriminative_layer_groups(backbone.stages, decay=0.7, freeze=[next(iter(backbone.stages))])
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decay": 0.0}, "decay of the rates: expected above 0"),
        ({"decay": 1.5}, "decay of the rates: expected above 0"),
        ({"unfrozen_by": 1.5}, "unfrozen_by"),
        ({"freeze": ["stage3"]}, "unknown stage 'stage3'.*did you mean stage"),
        ({"freeze": ["head"]}, "unknown stage 'head'"),
    ],
)
def test_what_cannot_be_is_refused(changes, said):
    with pytest.raises(ConvwrightError, match=said):
        discriminative_layer_groups(STAGES, **changes)
