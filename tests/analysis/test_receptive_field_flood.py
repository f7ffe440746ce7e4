"""The derived field of every position equals the measured one: an output is NaN exactly when it reads a NaN."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
import torchvision.models
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torchvision.models.detection.anchor_utils import AnchorGenerator

from convwright.analysis.receptive_field import receptive_fields
from convwright.graph import trace
from reference.field_nets import (
    NETS,
    Branches,
    chain,
    convolutions,
    paddings,
    pointwise,
    pools,
    pruned,
    transposed_convolutions,
)
from reference.field_probe import measured_fields
from reference.field_steps import BOUNDED, CHANNELS, PLAIN, Step
from reference.flood import assert_measured


@given(net=NETS, shape=st.tuples(st.just(1), st.just(CHANNELS), st.integers(7, 16), st.integers(7, 16)))
def test_random_nets(net: nn.Module, shape: tuple[int, ...]) -> None:
    assert_measured(pruned(net, shape), shape)


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_each_plain_step_among_convolutions(name: str) -> None:
    net = nn.Sequential(nn.Conv2d(4, 4, 3, 1, 1), Step(PLAIN[name]), nn.Conv2d(4, 4, (1, 3), 1, (0, 1)))
    assert_measured(net, (1, CHANNELS, 12, 10))


@pytest.mark.parametrize("name", sorted(BOUNDED))
def test_a_step_that_only_numbers_tell_is_bounded_and_listed(name: str) -> None:
    net = nn.Sequential(nn.Conv2d(4, 4, 3, 1, 1), Step(BOUNDED[name]))
    assert_measured(net, (1, CHANNELS, 12, 10), bound=True)
    fields = receptive_fields(trace(net, (1, CHANNELS, 12, 10)))
    last = fields.graph.ops[-1]
    if name not in ("picked_apart", "picked_places"):  # which leave no map
        assert fields.of(last).receptive_field_px == fields.receptive_field_px


@pytest.mark.parametrize(
    "index",
    [
        (slice(None), [1, 0]),
        (slice(None), slice(None), [5, 0, 7]),
        (slice(None), slice(None), [True, False] * 6),
        (slice(None), slice(None), 3, [0, 2, 9]),
    ],
    ids=str,
)
def test_lists_as_indices(index) -> None:
    net = nn.Sequential(nn.Conv2d(4, 4, 3, 1, 1), Step(lambda x: x[index]))
    assert_measured(net, (1, CHANNELS, 12, 10))


def test_slices_from_a_tensor_to_a_tensor_are_bounded_and_listed() -> None:
    """As torchvision pastes masks into an image."""

    def pasted(x):
        first, last = torch.tensor(2), torch.tensor(5)
        into = torch.zeros_like(x)
        into[:, :, first:last] = x[:, :, first:last]
        return into

    net = nn.Sequential(nn.Conv2d(4, 4, 3, 1, 1), Step(pasted))
    fields = receptive_fields(trace(net, (1, CHANNELS, 12, 10)))
    assert [op.kind for op in fields.unknown] == ["getitem", "setitem"]
    (first, last), _ = fields.clipped(fields.graph.ops[-1])
    measured_first, measured_last = measured_fields(net, (1, CHANNELS, 12, 10))[0]
    sees = measured_first <= measured_last
    assert (first[0] <= measured_first)[sees].all()
    assert (last[0] >= measured_last)[sees].all()


def collected(x, height=12, width=10):
    """As torchvision's detectors collect images in a batch."""
    batch = x.new_full((len(x), CHANNELS, height, width), 0)
    for image, place in zip(x, batch, strict=True):
        place[: image.shape[0], : image.shape[1], : image.shape[2]].copy_(image)
    return batch


def test_images_copied_into_a_batch_keep_their_places() -> None:
    net = nn.Sequential(nn.Conv2d(4, 4, 3, 1, 1), Step(collected), nn.Conv2d(4, 4, 3, 1, 1))
    assert_measured(net, (1, CHANNELS, 12, 10))


def test_images_copied_into_a_larger_batch_are_bounded_and_listed() -> None:
    net = nn.Sequential(nn.Conv2d(4, 4, 3, 1, 1), Step(partial(collected, height=16, width=16)))
    fields = receptive_fields(trace(net, (1, CHANNELS, 12, 10)))
    assert [op.kind for op in fields.unknown] == ["copy"]
    assert fields.of(fields.graph.outputs[""]).receptive_field_px == (14, 12)


def test_positions_that_are_none() -> None:
    """As where a detector finds nothing."""
    net = Step(lambda x: torch.cat([x[:, :, :0].flip(2).repeat(1, 1, 2, 1), x[:, :, :0] * 2], 2).sort(2)[0])
    fields = receptive_fields(trace(net, (1, CHANNELS, 12, 10)))
    last = fields.graph.ops[-1]
    assert last.output.shape == (1, CHANNELS, 0, 10)
    assert fields.of(last).receptive_field_px[0] == 0


def test_totals_of_a_detector_are_those_of_its_last_map() -> None:
    """Stride 2 and 3x3, then the 3x3 of the region proposals: 3 + 2 * 2 pixels."""
    backbone = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU())
    backbone.out_channels = 8
    anchors = AnchorGenerator(sizes=((16,),), aspect_ratios=((1.0,),))
    pool = torchvision.ops.MultiScaleRoIAlign(["0"], 2, 2)
    net = torchvision.models.detection.FasterRCNN(
        backbone, num_classes=2, min_size=64, max_size=64, rpn_anchor_generator=anchors, box_roi_pool=pool
    )
    fields = receptive_fields(trace(net.eval(), [(1, 3, 64, 64)]))
    assert fields.last_map.path == "rpn"
    assert fields.receptive_field_px == fields.of(fields.last_map).receptive_field_px == (7, 7)
    conv = next(op for op in fields.graph if op.kind == "conv2d" and op.path.startswith("rpn.head.conv"))
    assert fields.of(conv).receptive_field_px == (7, 7)
    assert {"nms", "roi_align"} <= {op.kind for op in fields.unknown}


@pytest.mark.parametrize("join", [lambda x: x.mean(2), lambda x: x.amax(3)])
def test_maps_of_which_one_axis_is_pooled_before_a_convolution(join) -> None:
    net = nn.Sequential(Step(join), nn.Conv1d(3, 2, 3, padding=1))
    fields = receptive_fields(trace(net, (1, 3, 12, 10)))
    assert fields.image_px == (12, 10)
    measured = measured_fields(net, (1, 3, 12, 10))
    assert fields.receptive_field_px == tuple(int((last - first).max()) + 1 for first, last in measured)


def first_modules(name: str, count: int) -> nn.Module:
    extra = {"init_weights": False} if name in ("inception_v3", "googlenet") else {}
    model = torchvision.models.get_model(name, **extra)
    return nn.Sequential(*list(getattr(model, "features", model).children())[:count])


# Deep enough for every kind of block, shallow enough for fields that do not fill the image.
@pytest.mark.parametrize(
    ("name", "count", "size"),
    [
        ("resnet18", 6, (40, 33)),
        ("mobilenet_v3_small", 13, (32, 40)),
        ("mobilenet_v2", 6, (40, 32)),
        ("efficientnet_b0", 4, (32, 33)),
        ("shufflenet_v2_x0_5", 4, (49, 40)),
        ("squeezenet1_0", 9, (50, 41)),
        ("densenet121", 6, (41, 32)),
        ("googlenet", 7, (48, 41)),
        ("inception_v3", 8, (60, 48)),
        ("convnext_tiny", 2, (40, 32)),
    ],
)
def test_zoo(name: str, count: int, size: tuple[int, int]) -> None:
    assert_measured(first_modules(name, count), (1, 3, *size))


def test_shifted_windows_of_swin() -> None:
    net = nn.Sequential(first_modules("swin_t", 2), Step(lambda x: x.permute(0, 3, 1, 2)))
    assert_measured(net, (1, 3, 56, 64))


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        (nn.Sequential(nn.Conv1d(2, 2, 3, 2, 1), nn.MaxPool1d(3, 1, ceil_mode=True), nn.Conv1d(2, 2, 2)), (1, 2, 30)),
        (nn.Sequential(nn.ConvTranspose1d(2, 2, 3, 3), nn.Upsample(scale_factor=2, mode="linear")), (1, 2, 12)),
        (nn.Sequential(nn.Conv3d(1, 2, (3, 1, 2)), nn.AvgPool3d((1, 2, 1)), nn.Conv3d(2, 1, 2)), (1, 1, 7, 9, 6)),
    ],
)
def test_one_and_three_axes(net: nn.Module, shape: tuple[int, ...]) -> None:
    assert_measured(net, shape)


# Nets whose every position is computed in the same way, so that a larger image shows what lies beyond a border.
REGULAR = st.one_of(
    convolutions(),
    transposed_convolutions(),
    pools(),
    paddings(),
    st.sampled_from(["nearest", "bilinear"]).map(lambda mode: nn.Upsample(scale_factor=2, mode=mode)),
    st.sampled_from(["slice_step", "repeat_each", "unshuffle", "windows"]).map(
        lambda name: Step(PLAIN[name], name=name)
    ),
)


@given(steps=st.lists(REGULAR, min_size=1, max_size=4), residual=st.booleans())
def test_beyond_the_border_lies_a_larger_image(steps: list[nn.Module], residual: bool) -> None:
    end = Branches([nn.Identity(), nn.Conv2d(CHANNELS, CHANNELS, (5, 2), padding=2)], add=True)
    net = nn.Sequential(pruned(chain(steps), (1, CHANNELS, 12, 12)), end if residual else pointwise(CHANNELS))
    small, large = (receptive_fields(trace(net.eval(), (1, CHANNELS, size, size))) for size in (12, 120))
    assert small.last_map is not None
    assert large.last_map is not None
    assert small.jump_px == large.jump_px
    for axis, (first, last) in enumerate(large.clipped(large.last_map)):
        inside = (first > 0) & (last < 119) & (first <= last)
        if inside.sum() > 12:
            assert (last - first + 1)[inside].max() == small.receptive_field_px[axis]


# torch's ways of finding the pixels of a sample differ by mode, and some are special cases of a size.
@pytest.mark.parametrize(
    ("mode", "corners", "smooth"),
    [
        ("nearest", None, False),
        ("nearest-exact", None, False),
        ("area", None, False),
        *(
            (mode, corners, smooth)
            for mode in ("bilinear", "bicubic")
            for corners in (False, True)
            for smooth in (False, True)
        ),
    ],
)
def test_resizing_to_every_size(mode: str, corners: bool | None, smooth: bool) -> None:
    # Tripled, a bicubic sample falls on a pixel, and rounding decides which tap gets the weight of zero.
    sizes = [size for size in range(1, 15) if mode != "bicubic" or size % 3]
    for size in (3, 8):
        for options in [{"size": (n, n)} for n in sizes] + [{"scale_factor": factor} for factor in (0.5, 2.0, 2.3)]:
            resize = partial(F.interpolate, mode=mode, align_corners=corners, antialias=smooth, **options)
            assert_measured(Step(resize), (1, 1, size, size))
