"""The walking window as HTML: two grids of numbers, what lies between them, and the formula of their sizes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from torch import Tensor

from ... import geometry, units
from ...reports import palette
from ..shared.formulas import Formula, size_formula
from ..shared.html import templates_beside
from .pixels import TOP, Crop, picture
from .walk import WindowStop, WindowWalk

render = templates_beside(__file__)

_UNIT = 26  # units of the drawing to a cell
_WALK_MS = 12_000  # a whole walk takes about so long
_PAUSES_MS = (50, 450)  # but each stop between these
_LUMA = (0.299, 0.587, 0.114)
_MIDDLE = 117  # of 255: above it black is read better than white, by WCAG's contrast


def walk_block(found: WindowWalk, formula: str, *, is_convolution: bool) -> Markup:
    """Show a window that steps over a map: the grid, what is under the window, and what comes out."""
    pause = min(max(_WALK_MS // len(found.stops), _PAUSES_MS[0]), _PAUSES_MS[1])
    # What the script shows at each stop; it computes nothing.
    data = {
        "pause": pause,
        "stops": [_stop(found, stop, number, formula) for number, stop in enumerate(found.stops)],
    }
    return render(
        "walk.html.j2",
        map=_map_cells(found),
        output=_output_cells(found),
        under=_under(found),
        unit=_UNIT,
        data=json.dumps(data),
        is_convolution=is_convolution,
    )


def problem_block(words: str) -> Markup:
    """Show a sentence in place of a walk."""
    return render("problem.html.j2", problem=words)


def whole_block(brick: str, x: Tensor, output: Tensor, crop: Crop, formulas: Sequence[tuple[str, Formula]]) -> Markup:
    """Show the whole photograph before and after, the piece that was walked over, and the formulas of the sizes."""
    is_signed = bool((output < 0).any())
    places = {"left": crop.left, "top": crop.top, "width": crop.width, "height": crop.height}
    return render(
        "whole.html.j2",
        brick=brick,
        formulas=formulas,
        crop={name: f"{100 * share:.2f}%" for name, share in places.items()},
        before=picture(x),
        after=picture(output / (2 * output.abs().max()) + 0.5 if is_signed else output),
        is_signed=is_signed,
        sizes=[units.size(tuple(map_.shape[2:])) for map_ in (x, output)],
    )


def size_formulas(x: Tensor, window: Mapping[str, int]) -> list[Formula]:
    """Return the formula of each axis, once where they are alike."""
    axes = [("height", x.shape[2]), ("width", x.shape[3])]
    if x.shape[2] == x.shape[3]:
        axes = [("height and width", x.shape[2])]
    numbers = tuple(window.values())
    return [size_formula(what, size, *numbers, value=geometry.output_size(size, *numbers)) for what, size in axes]


def _map_cells(found: WindowWalk) -> Mapping[str, Any]:
    """Return the map with its padding around it."""
    height, width = (size + 2 * found.padding for size in found.map.shape)
    rows = [
        {"x": _UNIT * (column + found.padding), "y": _UNIT * (row + found.padding), **_cell(value, float(TOP))}
        for row, values in enumerate(found.map.tolist())
        for column, value in enumerate(values)
    ]
    return {"width": _UNIT * width, "height": _UNIT * height, "cells": rows}


def _output_cells(found: WindowWalk) -> Mapping[str, Any]:
    height, width = found.output.shape
    signed = bool((found.output < 0).any())
    most = found.output.abs().max().item() if signed else max(float(TOP), found.output.max().item())
    values = found.output.flatten().tolist()
    cells = [
        {"x": _UNIT * (number % width), "y": _UNIT * (number // width), **_cell(value, most, signed=signed)}
        for number, value in enumerate(values)
    ]
    return {"width": _UNIT * width, "height": _UNIT * height, "cells": cells}


def _under(found: WindowWalk) -> Mapping[str, Any]:
    """Return the places of the window's taps: as they lie on the map, and pushed together."""
    kernel = found.kernel_size
    places = [(row, column) for row in range(kernel) for column in range(kernel)]
    step = _UNIT * found.dilation
    return {
        "side": 2 * _UNIT * kernel,
        "taps": [(2 * _UNIT * column, 2 * _UNIT * row) for row, column in places],
        "on_map": [(step * column, step * row) for row, column in places],
        "reach": step * (kernel - 1) + _UNIT,
    }


def _stop(found: WindowWalk, stop: WindowStop, number: int, formula: str) -> Mapping[str, Any]:
    row, column = divmod(number, found.output.shape[1])
    strongest = max((abs(gradient) for gradient in stop.gradients if gradient is not None), default=0) or 1
    taps = [
        None
        if value is None or gradient is None
        else [_short(value), _short(gradient), round(abs(gradient) / strongest, 2)]
        for value, gradient in zip(stop.values, stop.gradients, strict=True)
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
    """Return text and colors of a number: gray by its value, or, for signed maps, blue above zero and red below."""
    share = min(abs(value) / most, 1.0) if most else 0.0
    if not signed:
        color = [round(255 * share)] * 3
    else:
        strong = bytes.fromhex((palette.BLUE if value >= 0 else palette.VERMILION)[1:])
        color = [round(255 + (part - 255) * share) for part in strong]
    ink = "#fff" if sum(weight * part for weight, part in zip(_LUMA, color, strict=True)) < _MIDDLE else "#000"
    return {"text": _short(value), "fill": "#{:02x}{:02x}{:02x}".format(*color), "ink": ink}


def _short(value: float) -> str:
    """Three digits, as many as fit in a cell."""
    return f"{value:.3g}" if abs(value) < 999.5 else f"{value:.0f}"
