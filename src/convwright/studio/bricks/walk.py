"""A window that steps over a small map: the values under it at each stop, and the output."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class WindowStop:
    """One place of the window.

    Attributes
    ----------
    row, column : int
        Its first tap on the map; it may lie in the padding.
    values : tuple of float or None
        Under each tap, row by row; None where a tap lies in the padding.
    gradients : tuple of float or None
        By how much the output moves with each of them: its derivative.
    output : float
        What comes out.
    """

    row: int
    column: int
    values: tuple[float | None, ...]
    gradients: tuple[float | None, ...]
    output: float


@dataclass(frozen=True, kw_only=True, eq=False)
class WindowWalk:
    """A window that steps over a map, with all its stops.

    Attributes
    ----------
    map : Tensor
        (H, W) that it walks over.
    kernel_size, padding, dilation : int
        Of the window.
    output : Tensor
        (H', W') that comes out.
    stops : tuple of WindowStop
        Row by row.
    """

    map: Tensor
    kernel_size: int
    padding: int
    dilation: int
    output: Tensor
    stops: tuple[WindowStop, ...]


def walk(
    layer: Callable[[Tensor], Tensor], x: Tensor, *, kernel_size: int, stride: int, padding: int, dilation: int = 1
) -> WindowWalk:
    """Follow the window of a layer, whose sizes are given, over the one channel of `x` (1, 1, H, W).

    What comes out and the derivatives are the layer's own.

    Examples
    --------
    >>> from torch import nn
    >>> found = walk(nn.MaxPool2d(2), torch.tensor([[[[1.0, 3.0], [2.0, 0.0]]]]), kernel_size=2, stride=2, padding=0)
    >>> found.stops[0].values, found.stops[0].gradients, found.stops[0].output
    ((1.0, 3.0, 2.0, 0.0), (0.0, 1.0, 0.0, 0.0), 3.0)
    """
    with torch.no_grad():
        output = layer(x)[0, 0]
    slopes = _gradients(layer, x, output.numel())
    taps = [(dilation * row, dilation * column) for row in range(kernel_size) for column in range(kernel_size)]
    map_ = x[0, 0]
    height, width = map_.shape
    stops = []
    for number, value in enumerate(output.flatten().tolist()):
        row, column = (stride * place - padding for place in divmod(number, output.shape[1]))
        under = [(row + down, column + right) for down, right in taps]
        inside = [0 <= r < height and 0 <= c < width for r, c in under]
        stops.append(
            WindowStop(
                row=row,
                column=column,
                values=tuple(float(map_[at]) if on else None for at, on in zip(under, inside, strict=True)),
                gradients=tuple(
                    float(slopes[number][at]) if on else None for at, on in zip(under, inside, strict=True)
                ),
                output=value,
            )
        )
    return WindowWalk(
        map=map_, kernel_size=kernel_size, padding=padding, dilation=dilation, output=output, stops=tuple(stops)
    )


def _gradients(layer: Callable[[Tensor], Tensor], x: Tensor, count: int) -> Tensor:
    """Return the derivative of each of `count` outputs with respect to the map: (count, H, W)."""
    copies = x.detach().expand(count, -1, -1, -1).clone().requires_grad_()
    with torch.enable_grad():
        outputs = layer(copies)[:, 0].flatten(1)
        (gradient,) = torch.autograd.grad(outputs.diagonal().sum(), copies)
    return gradient[:, 0]
