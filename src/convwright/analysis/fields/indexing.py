"""`x[index]` in all its forms: what each axis of the index does to the field."""

from typing import Any

import numpy as np

from convwright.graph import Tensor

from . import taps
from .field_pass import ReceptiveFieldPass, TensorField, moved


def indexed(
    fields: ReceptiveFieldPass, field: TensorField, shape: tuple[int, ...], index: Any, ndim: int
) -> TensorField:
    """The field of `x[index]`, a tensor of `ndim` axes.

    Along an axis indexed by a tensor, whose numbers a trace does not have, every position sees all of it.
    """
    axis, place = 0, 0
    targets: list[int | None] = []
    items = normal(index, len(shape))
    gathered = sum(_axes_taken(item) for item in items if not (item is None or isinstance(item, int | slice)))
    spread = ndim - sum(isinstance(item, slice) or item is None for item in items) if gathered else 0
    settled = False
    for item in items:
        if item is None:
            place += 1
        elif isinstance(item, slice):
            start, stop, step = item.indices(shape[axis])
            if (start, stop, step) != (0, shape[axis], 1):
                field = fields.along(field, axis, taps.selected(shape[axis], start, stop, step))
            targets.append(place)
            axis, place = axis + 1, place + 1
        elif isinstance(item, int) and not isinstance(item, bool):
            where = item % shape[axis]
            field = fields.along(field, axis, taps.selected(shape[axis], where, where + 1, 1))
            targets.append(None)
            axis += 1
        else:
            known = _known(item, shape[axis])
            if known is not None and gathered == 1:
                field = fields.along(field, axis, taps.listed(shape[axis], known))
            targets += [place if known is not None and gathered == 1 else None] * _axes_taken(item)
            axis += _axes_taken(item)
            place, settled = place + (0 if settled else spread), True
    return moved(field, targets)


def normal(index: Any, ndim: int) -> list[Any]:
    """The index with one item per axis, the ellipsis and missing axes written out as whole slices.

    >>> normal((..., 0), 3)
    [slice(None, None, None), slice(None, None, None), 0]
    """
    items = list(index) if isinstance(index, tuple) else [index]
    taken = sum(_axes_taken(item) for item in items)
    whole = [slice(None)] * (ndim - taken)
    for place, item in enumerate(items):
        if item is Ellipsis:
            return [*items[:place], *whole, *items[place + 1 :]]
    return [*items, *whole]


def _axes_taken(item: Any) -> int:
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    if isinstance(item, Tensor) and str(item.dtype) in ("torch.bool", "torch.uint8"):
        return item.ndim
    return 1


def _known(item: Any, size: int) -> Any:
    if isinstance(item, tuple | list) and all(isinstance(number, int) for number in item):
        return np.array(item) % size
    return None
