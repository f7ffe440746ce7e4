"""Ways to halve a map, with what they cost."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from .... import units
from ....analysis.analyze import analyze
from ....layers import Downsample, downsample_names
from ....layers.downsample import STRIDED, halving_pool
from ..blocks import Card, cards, white_of
from ..controls import FILTER
from ..layers import applied, features
from ..lesson import Lesson, LessonResult
from ..pixels import tensor_of

CHANNELS_IN, CHANNELS_OUT, SIDE = 64, 128, 32  # of the map whose costs are counted: the chapter's example
NOTE = (
    f"Costs: {CHANNELS_IN} to {CHANNELS_OUT} channels, {SIDE}x{SIDE} to half of it, by a 3x3 convolution without bias "
    "and a batch norm. Pictures: the filter at the left on the photograph, then ReLU and the pooling, or with a stride "
    "of 2 and then ReLU; all brightened alike."
)


def halved(x: Tensor, filter_name: str) -> dict[str, Tensor]:
    """Apply a convolution, its activation and each way to halve the map to `x`."""
    ways = {
        name: features(filter_name, stride=2)
        if name == STRIDED
        else nn.Sequential(features(filter_name), halving_pool(name).eval())
        for name in downsample_names()
    }
    return {name: applied(way, x) for name, way in ways.items()}


@cache
def costs() -> Mapping[str, tuple[int, int]]:
    """Return parameters and MACs of each way to halve a map, as they are counted for any network."""
    found = {}
    for name in downsample_names():
        with torch.device("meta"):
            layer = Downsample(CHANNELS_IN, CHANNELS_OUT, name)
        totals = analyze(layer, (1, CHANNELS_IN, SIDE, SIDE)).totals
        found[name] = (totals.parameters, totals.macs)
    return found


def measure(values: Mapping[str, Any], image: Image.Image) -> LessonResult:
    """Halve the features of the photograph in each way."""
    found = halved(tensor_of(image), values["filter"])
    white, macs = white_of(found.values()), {name: macs for name, (_, macs) in costs().items()}
    least, most = min(macs.values()), max(macs.values())
    shown = [
        Card(
            title=name,
            map=map_ / white,
            numbers={
                "parameters": f"{costs()[name][0]:,}",
                "MACs": units.count(macs[name]),
                "times the least": f"{macs[name] / least:.2f}",
            },
            share=macs[name] / most,
        )
        for name, map_ in found.items()
    ]
    kept = found["max"].mean().item() / max(found[STRIDED].mean().item(), torch.finfo(torch.float32).tiny)
    return LessonResult(
        claim=f"Max pooling after the convolution costs {macs['max'] / macs[STRIDED]:.2f} times the MACs of the "
        f"strided convolution; the features that it keeps are {kept:.2f} times as strong on average.",
        numbers={**{f"{name}, MACs": float(each) for name, each in macs.items()}, "max over strided, mean": kept},
        content=cards(shown, NOTE),
    )


LESSON = Lesson(
    order=30,
    title="Ways to halve a map",
    introduction="A strided convolution skips places; a pooling looks at all of them first, which needs the "
    "convolution at every place.",
    knobs=(FILTER,),
    measure=measure,
)
