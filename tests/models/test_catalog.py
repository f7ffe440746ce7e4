"""Building by name, and what happens when the request is wrong."""

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.models import build, config_of, families, family_of, model_names


def test_the_default_device_counts():
    with torch.device("meta"):
        assert {weight.device.type for weight in build("resnet20").parameters()} == {"meta"}
        model = build("resnet20", device="cpu")
    assert all(
        torch.equal(one, other) for one, other in zip(model.parameters(), build("resnet20").parameters(), strict=True)
    )


def test_every_variant_is_listed_once():
    names = model_names()
    assert len(names) == len(set(names)) == sum(len(f.variants) for f in families().values())
    assert family_of("wrn_28_10") == "wide_resnet"


def test_an_unknown_model_gets_the_nearest_names():
    with pytest.raises(ConvwrightError, match="did you mean resnet50"):
        build("resnet_50")


def test_an_unknown_option_gets_the_nearest_option():
    with pytest.raises(ConvwrightError, match="did you mean num_classes"):
        build("resnet18", num_class=10)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"num_classes": 0}, "num_classes: expected at least 1, got 0"),
        ({"num_classes": "ten"}, "num_classes of resnet50: expected int"),
        ({"num_classes": True}, "num_classes of resnet50: expected int"),
        ({"in_channels": -3}, "in_channels: expected at least 1, got -3"),
        ({"width": 0.0}, "width: expected a multiplier above 0"),
        ({"depth": float("nan")}, "depth: expected a multiplier above 0"),
        ({"dropout": 1.5}, "dropout: expected a fraction"),
        ({"stem": "imagnet"}, "did you mean imagenet"),
        ({"head": "linear"}, "unknown head 'linear'"),
        ({"downsample": "maxpool"}, "unknown downsample 'maxpool'"),
        ({"shortcut": "C"}, "unknown shortcut 'C'"),
        ({"act": "swish"}, "unknown activation 'swish'"),
        ({"groups": 3, "width_per_group": 0}, "width_per_group"),
        ({"block": "basic", "groups": 32}, "groups=32 and a basic block clash"),
        ({"block": "modern", "zero_init_last": True}, "zero_init_last and block='modern' clash"),
        ({"blocks": [3, 4]}, "blocks=(3, 4) and channels=(64, 128, 256, 512) clash"),
        ({"shortcut": "none", "drop_path": 0.1}, "shortcut='none' and drop_path clash"),
    ],
)
def test_a_wrong_option_is_named(options, told):
    with pytest.raises(ConvwrightError) as caught:
        build("resnet50", device="meta", **options)
    assert told in str(caught.value)


def test_whole_numbers_do_for_multipliers_and_lists_for_tables():
    assert config_of("resnet18", width=2, blocks=[1, 1, 1, 1]).blocks == (1, 1, 1, 1)


def test_options_reach_every_part():
    model = build("resnet50", device="meta", stem="deep", shortcut="D", se_ratio=0.0625, downsample="blur", head="fc")
    names = {type(module).__name__ for module in model.modules()}
    assert {"SqueezeExcite", "BlurPool2d", "AvgPool2d"} <= names
    assert hasattr(model.stem, "conv3")
    assert hasattr(model.head, "hidden2")


def test_stride_in_the_1x1_moves_it():
    first = build("resnet50", device="meta", stride_in_1x1=True).stages.stage2[0].residual
    assert (first.conv1.conv.stride, first.conv2.conv.stride) == ((2, 2), (1, 1))


def test_drop_path_grows_with_depth():
    rates = [m.p for m in build("resnet18", device="meta", drop_path=0.7).modules() if type(m).__name__ == "DropPath"]
    assert rates == sorted(rates)
    assert rates[-1] == pytest.approx(0.7)


def test_a_wrong_image_is_refused_before_any_layer_runs():
    model = build("resnet18", device="meta")
    for shape in ((3, 64, 64), (2, 1, 64, 64)):
        with pytest.raises(ConvwrightError, match=r"expected images of shape \(N, 3, H, W\)"):
            model(torch.empty(shape, device="meta"))


def test_zero_init_starts_every_block_as_its_shortcut():
    block = build("resnet18_cifar", zero_init_last=True).stages.stage1[0].eval()
    x = torch.rand(1, 64, 8, 8)
    assert torch.equal(block(x), x)
