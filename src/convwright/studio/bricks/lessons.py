"""What the lessons measure: maps, and numbers of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from ...analysis.analyze import analyze
from ...layers import Downsample, downsample_names, poolings
from ...layers.downsample import STRIDED, halving_pool
from .layers import applied, drawing_poolings, features, max_then_blur, pooling, window_poolings

HALVED = (64, 128, 32)  # channels in, channels out, side of the map: the chapter's example


@dataclass(frozen=True, kw_only=True, eq=False)
class Made:
    """A map that a way has made.

    Attributes
    ----------
    name : str
        Of the way.
    map : Tensor
        (1, 3, H, W).
    brick : str
        The pooling layer, where it is not called as the way is.
    """

    name: str
    map: Tensor
    brick: str = ""

    @property
    def brightness(self) -> tuple[float, float, float]:
        """The mean, the largest value and the standard deviation."""
        return self.map.mean().item(), self.map.max().item(), self.map.std(correction=0).item()


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of halving 64 channels of 32x32 to 128 of 16x16."""

    parameters: int
    macs: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Shifted:
    """What a shift of the photograph does to a map.

    Attributes
    ----------
    name : str
        Of the way.
    before : Tensor
        The map of the photograph (1, 3, H, W).
    difference : Tensor
        How far the map of the shifted photograph is from it, absolute.
    change : float
        The norm of the difference, relative to that of the map around its mean.
    left : float
        The same, once the map is moved back by as much as the photograph was; between two places, what lies there is
        taken to be on the straight line between them.
    """

    name: str
    before: Tensor
    difference: Tensor
    change: float
    left: float


def side_by_side(x: Tensor, **options: float) -> list[Made]:
    """`x` as each pooling layer makes it: in evaluation, and one draw of those that draw in training."""
    made = [Made(name=name, map=applied(pooling(name, **options), x)) for name in window_poolings()]
    for name in drawing_poolings():
        layer = pooling(name, generator=torch.Generator().manual_seed(0), **options).train()
        made.append(Made(name=f"{name}, one draw", brick=name, map=applied(layer, x)))
    return made


def whole_map(x: Tensor) -> list[Made]:
    """`x` as the pooling layers without a window make it: one place."""
    without = (name for name in poolings() if name not in window_poolings())
    return [Made(name=name, map=poolings()[name].layer()(x)[..., None, None]) for name in without]


def halved(x: Tensor, filter_name: str) -> list[Made]:
    """`x` after a convolution, its activation, and each way to halve the map."""
    return [Made(name=name, map=applied(_halving(name, filter_name), x)) for name in downsample_names()]


@cache
def costs_of_halving() -> Mapping[str, Cost]:
    """What each way to halve a map costs, as it is counted for any network."""
    channels, out_channels, side = HALVED
    found = {}
    for name in downsample_names():
        with torch.device("meta"):
            layer = Downsample(channels, out_channels, name)
        totals = analyze(layer, (1, channels, side, side)).totals
        found[name] = Cost(parameters=totals.parameters, macs=totals.macs)
    return found


def shifted(
    x: Tensor, filter_name: str, *, shift: int, kernel_size: int, stride: int, **options: float
) -> list[Shifted]:
    """What a shift by `shift` pixels does to a convolution's map and to each way to make it smaller.

    The strided convolution has the stride itself; the others follow a convolution without. All see the same photograph
    with `shift` columns less, from the left in one case, from the right in the other: nothing is made up at the border.
    """
    ways: dict[str, nn.Module] = {
        name: nn.Sequential(
            features(filter_name), pooling(name, kernel_size=kernel_size, stride=stride, padding=0, **options)
        )
        for name in window_poolings()
    }
    ways["max, then blur"] = nn.Sequential(features(filter_name), max_then_blur(kernel_size, stride))
    ways["strided convolution"] = features(filter_name, stride)
    found = [_shifted(name, way, x, shift=shift, stride=stride) for name, way in ways.items()]
    return [
        _shifted("convolution, nothing skipped", features(filter_name), x, shift=shift, stride=1),
        *sorted(found, key=lambda one: one.change),
    ]


def _halving(name: str, filter_name: str) -> nn.Module:
    if name == STRIDED:
        return features(filter_name, stride=2)
    return nn.Sequential(features(filter_name), halving_pool(name).eval())


def _shifted(name: str, way: Callable[[Tensor], Tensor], x: Tensor, *, shift: int, stride: int) -> Shifted:
    with torch.no_grad():
        before, after = (applied(way, part) for part in (x[..., : x.shape[3] - shift], x[..., shift:]))
    difference = after - before
    spread = (before - before.mean()).norm().clamp(min=torch.finfo(x.dtype).tiny)
    whole, part = divmod(shift, stride)
    columns = before.shape[3] - whole - 1
    here, there = (before[..., whole + step : whole + step + columns] for step in (0, 1))
    back = here + part / stride * (there - here)
    return Shifted(
        name=name,
        before=before,
        difference=difference.abs(),
        change=(difference.norm() / spread).item(),
        left=((after[..., :columns] - back).norm() / spread).item(),
    )
