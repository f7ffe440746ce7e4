"""Costs by the analyzer, and the proof that they are equal."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from convwright.errors import ConvwrightError
from convwright.studies import Arm
from convwright.studies.costs import Costs, arm_costs, planned_arm, require_equal_costs
from reference.tiny_study import STUDY, arm, net, small_data, with_arm


def planned(study):
    return tuple(planned_arm(study, each, small_data()) for each in study.arms)


def test_costs_by_hand():
    found = planned(STUDY)[0].costs
    assert found.parameters == 3 * 8 * 9 + 2 * 8 + 8 * 3 + 3
    assert found.macs == 3 * 8 * 9 * 64 + 8 * 3
    assert found.receptive_field_px == 3
    assert found.uncounted == ()
    assert set(found.to_dict()) == {"parameters", "macs", "activation_bytes", "receptive_field_px", "uncounted"}
    assert Costs.from_dict(found.to_dict()) == found


def test_the_mode_of_every_layer_is_left():
    model = net(num_classes=3, in_channels=3, seed=0).train()
    norm = next(layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)).eval()
    arm_costs(arm("max"), model, (3, 8, 8))
    assert [layer for layer in model.modules() if not layer.training] == [norm]


def test_a_network_that_does_not_run_on_the_images_is_named():
    with pytest.raises(ConvwrightError, match="arm 'max' does not run on 1x8x8"):
        arm_costs(arm("max"), net(num_classes=3, in_channels=3, seed=0), (1, 8, 8))


def test_equal_is_within_the_tolerance():
    study = with_arm(replace(STUDY, hold_equal={"parameters": 1.0}), arm("wide", width=15))
    require_equal_costs(study, planned(study))
    tight = replace(study, hold_equal={"parameters": 0.5})
    with pytest.raises(ConvwrightError) as error:
        require_equal_costs(tight, planned(tight))
    assert str(error.value).startswith(
        "parameters of arm 'wide': expected 130 to 388, within 50% of 'max' (259), got 483"
    )


def test_an_arm_is_held_to_the_one_it_is_compared_with():
    wide = replace(arm("wide", width=16), unequal=("parameters",))
    study = replace(STUDY, arms=(*STUDY.arms, wide, replace(arm("too", width=16), against="wide")))
    study = replace(study, hold_equal={"parameters": 0.0})
    require_equal_costs(study, planned(study))
    apart = with_arm(study, replace(arm("apart", width=8), against="wide"))
    with pytest.raises(ConvwrightError, match=r"parameters of arm 'apart': .* of 'wide'"):
        require_equal_costs(apart, planned(apart))


def test_an_arm_may_say_that_it_differs():
    study = with_arm(STUDY, replace(arm("wide", width=16), unequal=("macs",)))
    require_equal_costs(study, planned(study))


class Uncounted(nn.Module):
    def forward(self, x):
        return torch.linalg.pinv(x)


def with_pinv(*, num_classes, in_channels, seed):
    return nn.Sequential(Uncounted(), *net(num_classes=num_classes, in_channels=in_channels, seed=seed))


def test_what_cannot_be_counted_cannot_be_proved_equal():
    study = with_arm(STUDY, Arm(name="pinv", claim="c", model=with_pinv))
    found = planned(study)
    assert found[-1].costs.uncounted
    with pytest.raises(ConvwrightError, match=r"equal macs of arm 'pinv' cannot be proved: nothing counts .*pinv"):
        require_equal_costs(study, found)
