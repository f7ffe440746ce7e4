"""The arithmetic of a layer, with the layer's own numbers: output size, parameters, MACs."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

from ...graph import Op

_CONVS = ("conv1d", "conv2d", "conv3d")
_POOLS = ("max_pool2d", "avg_pool2d")
_AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


@dataclass(frozen=True, kw_only=True)
class Formula:
    """One quantity.

    Attributes
    ----------
    what : str
        Its name.
    words, numbers : str
        How it is computed, in words and with the numbers of this layer.
    value : int
        What comes out.
    """

    what: str
    words: str
    numbers: str
    value: int


def formulas(op: Op) -> list[Formula]:
    """Return the formulas of a convolution, a pooling or a linear layer; none for other ops.

    Source: Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", relationships 6 and 15.

    Examples
    --------
    >>> from torch import nn
    >>> from convwright.graph import trace
    >>> for found in formulas(trace(nn.Conv2d(3, 64, 7, stride=2, padding=3), (1, 3, 224, 224)).ops[0]):
    ...     print(found.what, "=", found.numbers, "=", found.value)
    height and width = floor((224 + 2 * 3 - 1 * (7 - 1) - 1) / 2) + 1 = 112
    parameters = 64 * 3 / 1 * 7 * 7 + 64 = 9472
    MACs = 64 * 112 * 112 * 3 / 1 * 7 * 7 = 118013952
    """
    if op.kind in _CONVS:
        return [*_alike(_sizes(op)), *_of_conv(op)]
    if op.kind in _POOLS:
        return _alike(_sizes(op))
    return [*_of_linear(op)] if op.kind == "linear" else []


def _alike(found: Iterator[Formula]) -> list[Formula]:
    """Axes whose formulas are the same, as one."""
    names: dict[Formula, list[str]] = {}
    for one in found:
        names.setdefault(replace(one, what=""), []).append(one.what)
    return [replace(one, what=" and ".join(what)) for one, what in names.items()]


def _sizes(op: Op) -> Iterator[Formula]:
    """Yield a formula for each axis whose padding is the same at both ends."""
    paddings, dilations = op.args["padding"], op.args.get("dilation", (1, 1))
    if not isinstance(paddings, tuple):
        return
    rounding = "ceil" if op.args.get("ceil_mode") else "floor"
    windows = zip(op.args["kernel_size"], op.args["stride"], paddings, dilations, strict=True)
    names = _AXES[len(paddings)]
    for name, size, made, window in zip(names, op.input.shape[2:], op.output.shape[2:], windows, strict=True):
        kernel, stride, padding, dilation = window
        places = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride
        if (math.ceil if rounding == "ceil" else math.floor)(places) + 1 != made:
            continue  # torch drops a last window that would begin in the padding
        yield size_formula(name, size, kernel, stride, padding, dilation, rounding=rounding, value=made)


def size_formula(
    what: str,
    size: int,
    kernel: int,
    stride: int,
    padding: int,
    dilation: int = 1,
    *,
    rounding: str = "floor",
    value: int,
) -> Formula:
    """Return the formula by which a window on an axis of `size` pixels has `value` places.

    >>> size_formula("width", 224, 7, 2, 3, value=112).numbers
    'floor((224 + 2 * 3 - 1 * (7 - 1) - 1) / 2) + 1'
    """
    return Formula(
        what=what,
        words=f"{rounding}((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1",
        numbers=f"{rounding}(({size} + 2 * {padding} - {dilation} * ({kernel} - 1) - 1) / {stride}) + 1",
        value=value,
    )


def _of_conv(op: Op) -> Iterator[Formula]:
    weight, outputs = op.args["weight"], op.output.shape[1]
    window = f"{op.input.shape[1]} / {op.args['groups']} * {_times(op.args['kernel_size'])}"
    yield Formula(
        what="parameters",
        words="out channels * in channels / groups * kernel" + " + out channels" * op.has_bias,
        numbers=f"{outputs} * {window}" + f" + {outputs}" * op.has_bias,
        value=weight.numel + outputs * op.has_bias,
    )
    images = f"{op.output.shape[0]} * " * (op.output.shape[0] > 1)
    yield Formula(
        what="MACs",
        words="out channels * out positions * in channels / groups * kernel",
        numbers=f"{images}{_times(op.output.shape[1:])} * {window}",
        value=op.output.numel * prod(weight.shape[1:]),
    )


def _of_linear(op: Op) -> Iterator[Formula]:
    outputs, inputs = op.args["weight"].shape
    yield Formula(
        what="parameters",
        words="in features * out features" + " + out features" * op.has_bias,
        numbers=f"{inputs} * {outputs}" + f" + {outputs}" * op.has_bias,
        value=inputs * outputs + outputs * op.has_bias,
    )
    rows = op.output.numel // outputs
    yield Formula(
        what="MACs",
        words="in features * out features",
        numbers=f"{rows} * " * (rows > 1) + f"{inputs} * {outputs}",
        value=op.output.numel * inputs,
    )


def _times(values: tuple[int, ...]) -> str:
    return " * ".join(map(str, values))
