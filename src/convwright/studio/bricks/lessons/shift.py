"""A photograph that moves by a pixel, and what becomes of its features."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from .... import units
from ..blocks import Way, ways, white_of
from ..controls import FILTER, KERNEL_SIZE, MIX, STRIDE, P
from ..layers import applied, features, max_then_blur, pooling, window_poolings
from ..lesson import Lesson, LessonResult, Slider
from ..pixels import tensor_of

SHIFT = Slider(name="shift", kind="whole", default=1, low=0, high=8, help="Pixels to the left.")


@dataclass(frozen=True, kw_only=True, eq=False)
class ShiftResult:
    """A map before and after the photograph was shifted.

    Attributes
    ----------
    name : str
        Way in which the map was made.
    before : Tensor
        The map of the photograph (1, 3, H, W).
    difference : Tensor
        Absolute difference to the map of the shifted photograph.
    change : float
        Norm of the difference, relative to that of the map around its mean.
    left : float
        The same, once the map is moved back by as much as the photograph was; between two places, what lies there is
        taken to be on the straight line between them.
    """

    name: str
    before: Tensor
    difference: Tensor
    change: float
    left: float


def shifted(
    x: Tensor, filter_name: str, *, shift: int, kernel_size: int, stride: int, **options: float
) -> list[ShiftResult]:
    """Shift `x` by `shift` pixels, for a convolution's map and for each way to make it smaller.

    The strided convolution has the stride itself; the others follow a convolution without. All see the same photograph
    with `shift` columns less, from the left in one case, from the right in the other: nothing is made up at the border.
    """
    smaller: dict[str, nn.Module] = {
        name: nn.Sequential(
            features(filter_name), pooling(name, kernel_size=kernel_size, stride=stride, padding=0, **options)
        )
        for name in window_poolings()
    }
    smaller["max, then blur"] = nn.Sequential(features(filter_name), max_then_blur(kernel_size, stride))
    smaller["strided convolution"] = features(filter_name, stride)
    found = [_shifted(name, way, x, shift=shift, stride=stride) for name, way in smaller.items()]
    return [
        _shifted("convolution, nothing skipped", features(filter_name), x, shift=shift, stride=1),
        *sorted(found, key=lambda one: one.change),
    ]


def _shifted(name: str, way: Callable[[Tensor], Tensor], x: Tensor, *, shift: int, stride: int) -> ShiftResult:
    with torch.no_grad():
        before, after = (applied(way, part) for part in (x[..., : x.shape[3] - shift], x[..., shift:]))
    difference = after - before
    spread = (before - before.mean()).norm().clamp(min=torch.finfo(x.dtype).tiny)
    whole, part = divmod(shift, stride)
    columns = before.shape[3] - whole - 1
    here, there = (before[..., whole + step : whole + step + columns] for step in (0, 1))
    back = here + part / stride * (there - here)
    return ShiftResult(
        name=name,
        before=before,
        difference=difference.abs(),
        change=(difference.norm() / spread).item(),
        left=((after[..., :columns] - back).norm() / spread).item(),
    )


def measure(values: Mapping[str, Any], image: Image.Image) -> LessonResult:
    """Shift the photograph, and compare each way."""
    options = {name: values[name] for name in ("shift", "kernel_size", "stride", "mix", "p")}
    found = shifted(tensor_of(image), values["filter"], **options)
    white = white_of(one.before for one in found)
    rows = [
        Way(
            title=one.name,
            maps={"map": one.before / white, "difference": one.difference / white},
            shares={"change": one.change, "left after moving back": one.left},
        )
        for one in found
    ]
    least, most = (choose(found[1:], key=lambda one: one.left) for choose in (min, max))
    return LessonResult(
        claim=f"Shifted by {values['shift']} px and moved back, {least.name} loses the least "
        f"({units.percent(least.left)}), {most.name} the most ({units.percent(most.left)}).",
        numbers={f"{one.name}, {what}": getattr(one, what) for one in found for what in ("change", "left")},
        content=ways(rows, "Effect of a shift", _note(values["shift"], values["stride"])),
    )


def _note(shift: int, stride: int) -> str:
    return (
        "All see the map of the same 3x3 filter after ReLU, from a photograph and from the same photograph moved by "
        f"{shift} px. Change: the norm of the difference, relative to that of the map around its mean. Some of it is "
        f"only that everything has moved, by {shift}/{stride} of a place: what is left once the map is moved back "
        "(between two places, on the straight line between them) is what was lost between the places: aliasing. A "
        "shift by a multiple of the stride leaves nothing."
    )


LESSON = Lesson(
    order=40,
    title="A shift by one pixel",
    introduction="The photograph moves a little, and its features with it. The less of the smaller map changes, the "
    "better a way bears the shift.",
    knobs=(FILTER, KERNEL_SIZE, STRIDE, SHIFT, MIX, P),
    measure=measure,
)
