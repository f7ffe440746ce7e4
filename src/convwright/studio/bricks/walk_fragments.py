"""The walking window as HTML: two grids of numbers, what lies between them, and the formula of their sizes."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PIL import Image
from torch import Tensor, nn

from ... import geometry, units
from ...errors import ConvwrightError
from ...reports import palette
from ..shared.formulas import Formula, size_formula
from ..shared.html import templates_beside
from .layers import CHANNELS, CONVOLUTION, applied, convolution, formula_of, pooling, takes
from .pixels import CROP, TOP, Crop, liveliest_crop, picture, tensor_of
from .state import Trial
from .walk import Stop, Walk, walk

render = templates_beside(__file__)

_UNIT = 26  # units of the drawing to a cell
_WALK_MS = 12_000  # a whole walk takes about so long
_PAUSES_MS = (50, 450)  # but each stop between these
_LUMA = (0.299, 0.587, 0.114)
_MIDDLE = 117  # of 255: above it black is read better than white, by WCAG's contrast


def walk_stage(trial: Trial, image: Image.Image) -> str:
    """A window on its walk over a piece of a photograph, and what it makes of the whole one.

    Where it is too large for the piece alone, the sentence that says so stands in place of the walk.

    Raises
    ------
    ConvwrightError
        When it does not fit on the photograph either.
    """
    window = {knob: trial[knob] for knob in ("kernel_size", "stride", "padding", "dilation")}
    window["dilation"] = window["dilation"] if "dilation" in takes(trial["brick"]) else 1
    crop, whole = liveliest_crop(image), tensor_of(image)
    formulas = [("photograph", formula) for formula in _sizes(whole, window)]
    try:
        formulas = [(f"{CROP}x{CROP}", formula) for formula in _sizes(crop.values, window)] + formulas
        walking = _walking(trial, window, crop)
    except ConvwrightError as error:
        walking = render("problem.html.j2", problem=str(error))
    return walking + _whole(trial, window, whole, crop, formulas)


def _walking(trial: Trial, window: Mapping[str, int], crop: Crop) -> str:
    name = trial["brick"]
    found = walk(partial(applied, _layer(trial, window, channels=1)), crop.values, **window)
    return render(
        "walk.html.j2",
        map=_map_cells(found),
        output=_output_cells(found),
        under=_under(found),
        unit=_UNIT,
        data=json.dumps(_data(found, formula_of(name))),
        is_convolution=name == CONVOLUTION,
    )


def _whole(
    trial: Trial, window: Mapping[str, int], x: Tensor, crop: Crop, formulas: Sequence[tuple[str, Formula]]
) -> str:
    made = applied(_layer(trial, window, channels=CHANNELS), x)
    is_signed = bool((made < 0).any())
    return render(
        "whole.html.j2",
        brick=trial["brick"],
        formulas=formulas,
        crop=_percents(crop),
        before=picture(x),
        after=picture(made / (2 * made.abs().max()) + 0.5 if is_signed else made),
        is_signed=is_signed,
        sizes=[units.size(tuple(map_.shape[2:])) for map_ in (x, made)],
    )


def _layer(trial: Trial, window: Mapping[str, int], *, channels: int) -> nn.Module:
    if trial["brick"] == CONVOLUTION:
        return convolution(trial["filter"], channels=channels, **window)
    return pooling(trial["brick"], **window, mix=trial["mix"], p=trial["p"])


def _sizes(x: Tensor, window: Mapping[str, int]) -> list[Formula]:
    """The formula of each axis, once where they are alike."""
    axes = [("height", x.shape[2]), ("width", x.shape[3])]
    if x.shape[2] == x.shape[3]:
        axes = [("height and width", x.shape[2])]
    numbers = tuple(window.values())
    return [size_formula(what, size, *numbers, value=geometry.output_size(size, *numbers)) for what, size in axes]


def _map_cells(found: Walk) -> Mapping[str, Any]:
    """The map with its padding around it."""
    height, width = (size + 2 * found.padding for size in found.map.shape)
    rows = [
        {"x": _UNIT * (column + found.padding), "y": _UNIT * (row + found.padding), **_cell(value, float(TOP))}
        for row, values in enumerate(found.map.tolist())
        for column, value in enumerate(values)
    ]
    return {"width": _UNIT * width, "height": _UNIT * height, "cells": rows}


def _output_cells(found: Walk) -> Mapping[str, Any]:
    height, width = found.output.shape
    signed = bool((found.output < 0).any())
    most = found.output.abs().max().item() if signed else max(float(TOP), found.output.max().item())
    values = found.output.flatten().tolist()
    cells = [
        {"x": _UNIT * (number % width), "y": _UNIT * (number // width), **_cell(value, most, signed=signed)}
        for number, value in enumerate(values)
    ]
    return {"width": _UNIT * width, "height": _UNIT * height, "cells": cells}


def _under(found: Walk) -> Mapping[str, Any]:
    """The places of the window's taps: as they lie on the map, and pushed together."""
    kernel = found.kernel_size
    places = [(row, column) for row in range(kernel) for column in range(kernel)]
    step = _UNIT * found.dilation
    return {
        "side": 2 * _UNIT * kernel,
        "taps": [(2 * _UNIT * column, 2 * _UNIT * row) for row, column in places],
        "on_map": [(step * column, step * row) for row, column in places],
        "reach": step * (kernel - 1) + _UNIT,
    }


def _data(found: Walk, formula: str) -> Mapping[str, Any]:
    """What the script shows at each stop; it computes nothing."""
    pause = min(max(_WALK_MS // len(found.stops), _PAUSES_MS[0]), _PAUSES_MS[1])
    return {"pause": pause, "stops": [_stop(found, stop, number, formula) for number, stop in enumerate(found.stops)]}


def _stop(found: Walk, stop: Stop, number: int, formula: str) -> Mapping[str, Any]:
    row, column = divmod(number, found.output.shape[1])
    strongest = max((abs(pull) for pull in stop.pulls if pull is not None), default=0) or 1
    taps = [
        None if value is None or pull is None else [_short(value), _short(pull), round(abs(pull) / strongest, 2)]
        for value, pull in zip(stop.values, stop.pulls, strict=True)
    ]
    fills = [None if value is None else _cell(value, float(TOP)) for value in stop.values]
    return {
        "x": _UNIT * (stop.column + found.padding),
        "y": _UNIT * (stop.row + found.padding),
        "words": f"row {row + 1}, column {column + 1}: {formula} = {_short(stop.output)}",
        "taps": taps,
        "fills": [fill and [fill["fill"], fill["ink"]] for fill in fills],
    }


def _cell(value: float, most: float, *, signed: bool = False) -> Mapping[str, str]:
    """How a number looks: gray as bright as it is, or, where there are signs, blue above zero and red below."""
    share = min(abs(value) / most, 1.0) if most else 0.0
    if not signed:
        color = [round(255 * share)] * 3
    else:
        strong = _rgb(palette.BLUE if value >= 0 else palette.VERMILION)
        color = [round(255 + (part - 255) * share) for part in strong]
    ink = "#fff" if sum(weight * part for weight, part in zip(_LUMA, color, strict=True)) < _MIDDLE else "#000"
    return {"text": _short(value), "fill": "#{:02x}{:02x}{:02x}".format(*color), "ink": ink}


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[place : place + 2], 16) for place in (1, 3, 5))


def _short(value: float) -> str:
    """Three digits, as many as fit in a cell."""
    return f"{value:.3g}" if abs(value) < 999.5 else f"{value:.0f}"


def _percents(crop: Crop) -> Mapping[str, str]:
    """Where the piece is on the photograph, as CSS has it."""
    places = {"left": crop.left, "top": crop.top, "width": crop.width, "height": crop.height}
    return {name: f"{100 * share:.2f}%" for name, share in places.items()}
