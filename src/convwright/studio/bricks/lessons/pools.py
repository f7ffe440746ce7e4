"""All pooling layers side by side, on the same windows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from ....layers import poolings
from ..blocks import Card, cards
from ..controls import KERNEL_SIZE, MIX, PADDING, STRIDE, P
from ..layers import applied, drawing_poolings, pooling, window_poolings
from ..lesson import Lesson, LessonResult
from ..pixels import tensor_of

DRAW = ", one draw"
NOTE = (
    "Brightness is from 0 to 1; the deviation is the standard deviation of all its values. Learned mixes and gates are "
    "where they begin; what draws in training is its expected value in evaluation, and one draw beside it."
)


def pooled(x: Tensor, **options: float) -> dict[str, Tensor]:
    """Apply each pooling layer to `x`, in evaluation, and once in training if it draws there."""
    found = {name: applied(pooling(name, **options), x) for name in window_poolings()}
    for name in drawing_poolings():
        layer = pooling(name, generator=torch.Generator().manual_seed(0), **options).train()
        found[f"{name}{DRAW}"] = applied(layer, x)
    return found


def pooled_whole(x: Tensor) -> dict[str, Tensor]:
    """Apply the pooling layers without a window to `x`: one place."""
    without = (name for name in poolings() if name not in window_poolings())
    return {name: poolings()[name].layer()(x)[..., None, None] for name in without}


def brightness(map_: Tensor) -> dict[str, float]:
    """Return the mean, the largest value and the standard deviation of a map."""
    return {"mean": map_.mean().item(), "brightest": map_.max().item(), "deviation": map_.std(correction=0).item()}


def measure(values: Mapping[str, Any], image: Image.Image) -> LessonResult:
    """Pool the photograph in each way."""
    x = tensor_of(image)
    windows = pooled(x, **{knob.name: values[knob.name] for knob in LESSON.knobs})
    by_mean = dict(sorted(windows.items(), key=lambda pair: -pair[1].mean().item()))
    found = {"the photograph": x, **by_mean, **pooled_whole(x)}
    measured = {name: brightness(map_) for name, map_ in found.items()}
    return LessonResult(
        claim=f"The maximum raises the mean brightness from {measured['the photograph']['mean']:.3f} to "
        f"{measured['max']['mean']:.3f}; the average leaves it at {measured['average']['mean']:.3f}.",
        numbers={f"{name}, {what}": value for name, each in measured.items() for what, value in each.items()},
        content=cards([_card(name, map_, measured[name]) for name, map_ in found.items()], NOTE),
    )


def _card(name: str, map_: Tensor, measured: Mapping[str, float]) -> Card:
    brick = poolings().get(name.removesuffix(DRAW))
    return Card(
        title=name.replace("_", " "),
        map=map_,
        numbers={what: f"{value:.3f}" for what, value in measured.items()},
        formula=brick.formula if brick else "",
        notes={"Best for": brick.best_for, "Downside": brick.downside} if brick else {},
    )


LESSON = Lesson(
    order=20,
    title="Poolings side by side",
    introduction="Each pooling turns the same window into one number in its own way. The maximum keeps the brightest "
    "value, the average dilutes it and is never above it; the others lie between.",
    knobs=(replace(KERNEL_SIZE, default=5), replace(STRIDE, default=5), PADDING, MIX, P),
    measure=measure,
)
