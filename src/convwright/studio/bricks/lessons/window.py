"""A window on its walk over a map: what lies under it, and what comes out."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PIL import Image

from ....errors import ConvwrightError
from ...shared.knobs import Knob
from ..controls import DILATION, FILTER, KERNEL_SIZE, MIX, PADDING, STRIDE, P
from ..layers import CHANNELS, CONVOLUTION, applied, brick_names, formula_of, named_brick, takes
from ..lesson import Lesson, LessonResult
from ..pixels import CROP, liveliest_crop, tensor_of
from ..walk import walk
from ..walk_fragments import problem_block, size_formulas, walk_block, whole_block

BRICK = Knob(
    name="brick", kind="choice", default=CONVOLUTION, choices=brick_names(), help="What is computed in each window."
)
KNOBS = (BRICK, FILTER, KERNEL_SIZE, replace(STRIDE, default=1), PADDING, DILATION, MIX, P)


def measure(values: Mapping[str, Any], image: Image.Image) -> LessonResult:
    """Walk over a piece of the photograph, and apply the same window to the whole one.

    Where the window is too large for the piece alone, a sentence stands in place of the walk.

    Raises
    ------
    ConvwrightError
        When it does not fit on the photograph either.
    """
    brick, crop, x = values["brick"], liveliest_crop(image), tensor_of(image)
    window = {name: values[name] for name in ("kernel_size", "stride", "padding")}
    window["dilation"] = values["dilation"] if "dilation" in takes(brick) else 1
    output = applied(named_brick(values, window, channels=CHANNELS), x)
    formulas = [("photograph", formula) for formula in size_formulas(x, window)]
    numbers = {"mean": output.mean().item(), "deviation": output.std().item(), "places": float(output[0, 0].numel())}
    try:
        formulas = [(f"{CROP}x{CROP}", formula) for formula in size_formulas(crop.values, window)] + formulas
        found = walk(partial(applied, named_brick(values, window, channels=1)), crop.values, **window)
        walking = walk_block(found, formula_of(brick), is_convolution=brick == CONVOLUTION)
        numbers["stops"] = float(len(found.stops))
    except ConvwrightError as error:
        walking = problem_block(str(error))
    taps = window["kernel_size"] ** 2
    return LessonResult(
        claim=f"Each of {output[0, 0].numel():,} windows turns {taps} value{'s' * (taps > 1)} into one: "
        f"{x.shape[2]}x{x.shape[3]} becomes {output.shape[2]}x{output.shape[3]}.",
        numbers=numbers,
        content=walking + whole_block(brick, x, output, crop, formulas),
    )


def idle(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the knobs that the brick does not take."""
    return tuple(knob.name for knob in KNOBS if knob.name not in ("brick", *takes(values["brick"])))


LESSON = Lesson(
    order=10,
    title="A window walks",
    introduction="A window walks over the map. At each stop, what lies under it becomes one number of the output.",
    knobs=KNOBS,
    measure=measure,
    idle=idle,
)
