"""The derived field of every position equals the measured one: an output is NaN exactly when it reads a NaN."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchvision.models
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from convwright.analysis.field_probe import measured_fields
from convwright.analysis.receptive_field import receptive_fields
from convwright.graph import trace

CHANNELS = 4
LARGEST = 40


class Step(nn.Module):
    """A layer from a function and, where it has weights, modules."""

    def __init__(self, function: Callable[..., Tensor], *modules: nn.Module, name: str = "") -> None:
        super().__init__()
        self.function, self.parts, self.name = function, nn.ModuleList(modules), name

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, *self.parts)

    def extra_repr(self) -> str:
        held = [cell.cell_contents for cell in getattr(self.function, "__closure__", None) or ()]
        return self.name or str(held)


def pointwise(in_channels: int) -> nn.Module:
    return nn.Conv2d(in_channels, CHANNELS, 1)


def pairs(low: int, high: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(low, high), st.integers(low, high))


@st.composite
def convolutions(draw: Any) -> nn.Module:
    kernel, dilation = draw(pairs(1, 4)), draw(pairs(1, 2))
    mode = draw(st.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"]))
    # More padding than that would leave windows with nothing but padding.
    padding = tuple(draw(st.integers(0, min(k - 1, 2))) * d for k, d in zip(kernel, dilation, strict=True))
    return nn.Conv2d(
        CHANNELS,
        CHANNELS,
        kernel,
        draw(pairs(1, 3)),
        padding,
        dilation,
        groups=draw(st.sampled_from([1, CHANNELS])),
        padding_mode=mode,
    )


@st.composite
def transposed_convolutions(draw: Any) -> nn.Module:
    kernel, stride, dilation = draw(pairs(1, 4)), draw(pairs(1, 3)), draw(pairs(1, 2))
    padding = tuple(draw(st.integers(0, k - 1)) for k in kernel)
    extra = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True))
    return nn.ConvTranspose2d(CHANNELS, CHANNELS, kernel, stride, padding, extra, dilation=dilation)


@st.composite
def pools(draw: Any) -> nn.Module:
    kernel = draw(pairs(1, 4))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    ceil, stride = draw(st.booleans()), draw(pairs(1, 3))
    if draw(st.booleans()):
        # Dilated, a window might lie in the padding altogether, where torch reads what it likes.
        dilation = draw(pairs(1, 2)) if max(padding) == 0 else 1
        return nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil)
    return nn.AvgPool2d(kernel, stride, padding, ceil_mode=ceil)


@st.composite
def resizes(draw: Any) -> nn.Module:
    mode = draw(st.sampled_from(["nearest", "nearest-exact", "bilinear", "bicubic", "area"]))
    corners = draw(st.booleans()) if mode in ("bilinear", "bicubic") else None
    smooth = draw(st.booleans()) if mode in ("bilinear", "bicubic") else False
    if draw(st.booleans()):
        size = draw(pairs(2, 20).filter(lambda size: mode != "bicubic" or not any(side % 3 == 0 for side in size)))
        return Step(lambda x: F.interpolate(x, size, mode=mode, align_corners=corners, antialias=smooth))
    # At other factors a bicubic sample may fall on a pixel up to rounding, and which taps get weight zero is by chance.
    scale = draw(st.sampled_from([0.5, 2.0] if mode == "bicubic" else [0.5, 1.5, 2.0, 3.0, 2.3]))
    return Step(lambda x: F.interpolate(x, scale_factor=scale, mode=mode, align_corners=corners, antialias=smooth))


@st.composite
def paddings(draw: Any) -> nn.Module:
    mode = draw(st.sampled_from(["reflect", "replicate", "circular"]))
    amounts = tuple(draw(st.integers(0, 2)) for _ in range(4))
    return Step(lambda x: F.pad(x, amounts, mode=mode))


@st.composite
def adaptive_pools(draw: Any) -> nn.Module:
    kind = draw(st.sampled_from([nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d]))
    return kind(draw(pairs(2, 9)))


class SqueezeExcite(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = pointwise(CHANNELS)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.fc(x.mean((2, 3), keepdim=True)).sigmoid()


class Branches(nn.Module):
    """Several paths from one map, brought to one size and added or concatenated."""

    def __init__(self, paths: list[nn.Module], *, add: bool) -> None:
        super().__init__()
        self.paths, self.add = nn.ModuleList(paths), add
        self.project = pointwise(CHANNELS * len(paths))

    def forward(self, x: Tensor) -> Tensor:
        maps = [path(x) for path in self.paths]
        size = [min(sizes) for sizes in zip(*(m.shape[2:] for m in maps), strict=True)]
        maps = [m[..., : size[0], : size[1]] for m in maps]
        return sum(maps[1:], maps[0]) if self.add else self.project(torch.cat(maps, 1))


def tokens_and_back(x: Tensor) -> Tensor:
    return x.flatten(2).transpose(1, 2).transpose(1, 2).view(x.shape)


def window_attention(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    t = x.view(n, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 3, 5, 1).reshape(-1, 4, c)
    t = F.scaled_dot_product_attention(t, t, t)
    return t.view(n, h // 2, w // 2, 2, 2, c).permute(0, 5, 1, 3, 2, 4).reshape(n, c, h, w)


def interleave(x: Tensor) -> Tensor:
    return torch.stack((x, x.flip(3)), -1).flatten(3)


def unfold_fold(x: Tensor) -> Tensor:
    windows = F.unfold(x, 3, padding=1, stride=2)
    return F.fold(windows + windows.mean(1, keepdim=True), x.shape[2:], 3, padding=1, stride=2)


def shift_rows(x: Tensor) -> Tensor:
    """A temporal shift: part of the channels moves on by one row, and the rest stays."""
    y = x.clone()
    y[:, :2, 1:] = x[:, :2, :-1]
    return y.flip(1) + y


def overwrite(x: Tensor) -> Tensor:
    y = torch.zeros_like(x)
    y[:, :, 2:, 1:-1] = x[:, :, :-2, 2:]
    y[:, :, 0] = x[:, :, 3]
    return y


def relu_on_views(x: Tensor) -> Tensor:
    y = x * 2
    one, _ = y.chunk(2, 1)
    one.relu_()
    return y


def copy_into(x: Tensor) -> Tensor:
    y = x * 2
    y.copy_(x.flip(2))
    return y


def dynamic_convolution(x: Tensor) -> Tensor:
    """Yang et al. 2019: the weights depend on the image, which becomes a group."""
    n, c, h, w = x.shape
    weight = x.mean((2, 3)).reshape(n * c, 1, 1, 1).expand(n * c, 1, 3, 3)
    return F.conv2d(x.reshape(1, n * c, h, w), weight, padding=1, groups=n * c).reshape(n, c, h, w)


def space_to_depth(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    deep = x.view(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(n, 4 * c, h // 2, w // 2)
    return F.conv2d(deep, torch.ones(CHANNELS, 4 * c, 1, 1, dtype=x.dtype))


def row_attention(x: Tensor) -> Tensor:
    rows = x.permute(0, 2, 3, 1)
    return ((rows @ rows.transpose(2, 3)).softmax(-1) @ rows).permute(0, 3, 1, 2)


def linear_attention(x: Tensor) -> Tensor:
    tokens = x.flatten(2)
    context = tokens.softmax(2) @ tokens.transpose(1, 2)
    return (context @ tokens).unflatten(2, x.shape[2:])


def coordinate_gates(x: Tensor) -> Tensor:
    """Hou et al. 2021: one gate per row and one per column, found together."""
    rows, columns = x.mean(3, keepdim=True), x.mean(2, keepdim=True).transpose(2, 3)
    both = F.avg_pool2d(torch.cat([rows, columns], 2), (3, 1), 1, (1, 0))
    rows, columns = both.split(list(x.shape[2:]), 2)
    return x * rows * columns.transpose(2, 3)


def halves(x: Tensor) -> Tensor:
    one, other = x.chunk(2, 2)
    return one + other


# Steps without weights; each must say something of its own.
PLAIN: dict[str, Callable[[Tensor], Tensor]] = {
    "slice": lambda x: x[:, :, 1::2, :-1],
    "slice_step": lambda x: x[..., ::3],
    "flip": lambda x: x.flip(2),
    "flip_both": lambda x: torch.flip(x, (2, 3)),
    "roll": lambda x: x.roll((2, -1), (2, 3)),
    "turn": lambda x: x.transpose(2, 3),
    "join_rows": lambda x: torch.cat([x, x.flip(3)[:, :, :3]], 2),
    "join_columns": lambda x: torch.cat([x[..., 2:], x], 3),
    "row_mean": lambda x: x + x.mean(3, keepdim=True),
    "softmax_rows": lambda x: x * x.softmax(2),
    "instance_norm": F.instance_norm,
    "group_norm": lambda x: F.group_norm(x, 2),
    "row_norm": lambda x: F.layer_norm(x, x.shape[3:]),
    "channel_norm": lambda x: F.layer_norm(x.permute(0, 2, 3, 1), (CHANNELS,)).permute(0, 3, 1, 2),
    "tokens": tokens_and_back,
    "window_attention": window_attention,
    "interleave": interleave,
    "halves": halves,
    "shift_rows": shift_rows,
    "overwrite": overwrite,
    "relu_on_views": relu_on_views,
    "copy_into": copy_into,
    "advanced_index": lambda x: x[:, :, [0, 3, 1, 1]],
    "index": lambda x: x + x[:, :, 2, None],
    "dynamic_convolution": dynamic_convolution,
    "linear_attention": linear_attention,
    "row_attention": row_attention,
    "space_to_depth": space_to_depth,
    "gated_linear": lambda x: F.glu(torch.cat([x, x.flip(2)], 1), 1),
    "position_bias": lambda x: x.amax((2, 3), keepdim=True) * torch.ones(1, 1, *x.shape[2:]) + x.roll(1, 3),
    "cumulated": lambda x: torch.tile(x, (1, 1, 1, 2)).movedim(1, 3).movedim(3, 1),
    "coordinate_gates": coordinate_gates,
    "unfold_fold": unfold_fold,
    "windows": lambda x: x.unfold(2, 3, 2).mean(-1),
    "repeat": lambda x: x.repeat(1, 1, 2, 1),
    "repeat_each": lambda x: x.repeat_interleave(2, 3),
    "negative_pad": lambda x: F.pad(x, (-1, 0, 0, -2)),
    "unshuffle": lambda x: F.pixel_unshuffle(x, 2).unflatten(1, (CHANNELS, 4)).mean(2),
    "global_max": lambda x: x - x.amax((2, 3), keepdim=True),
    "gram": lambda x: torch.einsum("nchw,nkhw->nck", x, x).mean(2)[:, :, None, None] + x,
    "narrow": lambda x: x.narrow(3, 1, x.shape[3] - 2),
    "max_over_channels": lambda x: x * x.amax(1, keepdim=True),
}

LEAVES = st.one_of(
    convolutions(),
    convolutions(),
    transposed_convolutions(),
    pools(),
    resizes(),
    paddings(),
    adaptive_pools(),
    st.builds(SqueezeExcite),
    st.sampled_from(sorted(PLAIN)).map(lambda name: Step(PLAIN[name], name=name)),
    st.just(None).map(lambda _: Step(lambda x, mix: mix(F.pixel_shuffle(x, 2)), pointwise(1))),
    st.just(None).map(lambda _: Step(lambda x, mix: mix(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), nn.Linear(4, 4))),
)


def chain(steps: list[nn.Module]) -> nn.Module:
    return nn.Sequential(*steps)


NETS = st.recursive(
    st.lists(LEAVES, min_size=1, max_size=4).map(chain),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(chain),
        st.builds(Branches, st.lists(inner, min_size=2, max_size=3), add=st.booleans()),
        inner.map(lambda path: Branches([nn.Identity(), path], add=True)),
    ),
    max_leaves=5,
)


def fits(net: nn.Module, shape: tuple[int, ...]) -> bool:
    """Whether the net runs on the shape and keeps a map of workable size; steps that do not fit make it unfit."""
    try:
        with torch.no_grad():
            result = net.eval()(torch.zeros(shape))
    except (RuntimeError, ValueError, IndexError):
        return False
    return result.ndim == 4 and min(result.shape) > 0 and max(result.shape) <= LARGEST


def pruned(net: nn.Module, shape: tuple[int, ...]) -> nn.Module:
    """The net without the steps at which it does not run, or grows too large."""
    if isinstance(net, nn.Sequential):
        kept: list[nn.Module] = []
        for step in net:
            step = pruned(step, shape)
            if fits(step, shape):
                kept.append(step)
                with torch.no_grad():
                    shape = tuple(step(torch.zeros(shape)).shape)
        return nn.Sequential(*kept)
    if isinstance(net, Branches):
        net.paths = nn.ModuleList(pruned(path, shape) for path in net.paths)
    return net


def assert_measured(net: nn.Module, shape: tuple[int, ...]) -> None:
    """The clipped full field of every position of the output is the measured one, on every image axis."""
    graph = trace(net.eval(), shape)
    fields = receptive_fields(graph)
    (result,) = graph.outputs.values()
    if result.producer is None:
        return
    assert not fields.unknown
    measured = measured_fields(net, shape)
    # Channels are not kept apart, so the hull over them is compared.
    measured = tuple((first.min(0), last.max(0)) for first, last in measured)
    shape = (1, 1, *result.shape[2:])
    derived = [
        [np.broadcast_to(bound, shape)[0, 0] for bound in bounds] for bounds in fields.clipped(result, full=True)
    ]
    empty = np.logical_or.reduce([first > last for first, last in derived])
    for (first, last), (low, high) in zip(measured, derived, strict=True):
        np.testing.assert_array_equal(first > last, empty)
        np.testing.assert_array_equal(first[~empty], low[~empty])
        np.testing.assert_array_equal(last[~empty], high[~empty])


@given(net=NETS, shape=st.tuples(st.just(1), st.just(CHANNELS), st.integers(7, 16), st.integers(7, 16)))
def test_random_nets(net: nn.Module, shape: tuple[int, ...]) -> None:
    assert_measured(pruned(net, shape), shape)


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_each_plain_step_among_convolutions(name: str) -> None:
    net = nn.Sequential(nn.Conv2d(4, 4, 3, 1, 1), Step(PLAIN[name]), nn.Conv2d(4, 4, (1, 3), 1, (0, 1)))
    assert_measured(net, (1, CHANNELS, 12, 10))


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
