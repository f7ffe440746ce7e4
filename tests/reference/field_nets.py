"""Random networks for hypothesis: branched, strided, dilated, padded, resized, gated."""

from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch import Tensor, nn

from reference.field_steps import CHANNELS, PLAIN, Step

LARGEST = 40


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
