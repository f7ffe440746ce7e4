"""What the batch norm study claims of its arms."""

import torch
from torch import nn

from convwright.studies import study_named

STUDY = study_named("batch-norm")


def built(name):
    return STUDY.arm(name).build(num_classes=10, in_channels=3, seed=0)


def layers(model, kind):
    return [each for each in model.modules() if isinstance(each, kind)]


def test_arms_have_the_norms_and_biases_they_are_named_for():
    for name, norms, biases in (("norm", 6, 0), ("bias-kept", 6, 6), ("without", 0, 6)):
        model = built(name)
        assert len(layers(model, nn.BatchNorm2d)) == norms
        assert sum(conv.bias is not None for conv in layers(model, nn.Conv2d)) == biases


def test_all_arms_start_from_the_same_filters():
    filters = [[conv.weight for conv in layers(built(name), nn.Conv2d)] for name in STUDY.arm_names]
    assert all(torch.equal(*pair) for others in filters[1:] for pair in zip(filters[0], others, strict=True))


def test_the_norm_cancels_a_bias_that_is_kept():
    kept, none, x = built("bias-kept"), built("norm"), torch.rand(4, 3, 32, 32)
    for conv in layers(kept, nn.Conv2d):
        nn.init.normal_(conv.bias)
    assert torch.allclose(kept(x), none(x), atol=1e-4)


def test_the_higher_rate_is_ten_times_the_other():
    rates = {arm.name: STUDY.recipe_of(arm, STUDY.budgets["quick"]).optimizer.lr for arm in STUDY.arms}
    assert rates["norm"] == rates["bias-kept"] == rates["without"]
    assert rates["norm-high"] == rates["without-high"] == 10 * rates["norm"]
