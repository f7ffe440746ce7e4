"""Rules of ops that choose positions: `x[index]` in all its forms, `gather` and its like."""

from typing import Any

import numpy as np

from convwright.graph import Op, Tensor

from . import taps
from .field_pass import ReceptiveFieldPass, TensorField, everywhere, moved
from .mixing import unknown


def getitem(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`x[index]`; an index that depends on the image joins every position."""
    field = fields.by_tensor.get(op.input)
    joined = [everywhere(seen) for tensor, seen in fields.image_inputs(op) if tensor is not op.input]
    if field is None:  # a table
        return fields.hulls(op, joined)
    return fields.union([_indexed(fields, op, field), *joined])


def gathered(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`index_select`, `gather`, `take_along_dim`: positions of one axis, chosen by numbers that a trace lacks."""
    field, axis = fields.by_tensor.get(op.input), op.args["dim"]
    joined = [
        field if tensor.shape == op.output.shape else everywhere(field)
        for tensor, field in fields.image_inputs(op)
        if tensor is not op.input
    ]
    if field is None:
        return fields.hulls(op, joined)
    if axis is None:  # of the flattened tensor
        return unknown(fields, op)
    for place, (size, wanted) in enumerate(zip(op.input.shape, op.output.shape, strict=True)):
        if place == axis % op.input.ndim:
            field = _from_anywhere(fields, op, field, place, wanted)
        elif size == 1 and wanted > 1:
            field = fields.along(field, place, taps.repeated(wanted))
        elif size != wanted:
            field = fields.along(field, place, taps.selected(size, 0, wanted, 1))
    return fields.union([field, *joined])


def _from_anywhere(fields: ReceptiveFieldPass, op: Op, field: TensorField, axis: int, outputs: int) -> TensorField:
    """Positions along an axis that may come from any; which is unknown if the axis carries an image axis."""
    if not any(axis in interval.dims for interval in field):
        return field
    fields.unknown[op.index] = op
    return fields.along(field, axis, taps.whole(op.input.shape[axis], outputs))


def _indexed(fields: ReceptiveFieldPass, op: Op, field: TensorField) -> TensorField:
    shape, output = op.input.shape, op.output.shape
    items = normal(op.args["index"], len(shape))
    start, spread = _place_of_gathered(items, len(output))
    targets: list[int | None] = []
    axis, kept = 0, 0  # of the input; slices and new axes so far
    for item in items:
        place = kept + spread * (kept >= start)
        if item is None:
            kept += 1
        elif isinstance(item, slice) and not is_plain(item):  # from a tensor to a tensor
            field = _from_anywhere(fields, op, field, axis, output[place])
            targets.append(place)
            axis, kept = axis + 1, kept + 1
        elif isinstance(item, slice):
            first, stop, step = item.indices(shape[axis])
            if (first, stop, step) != (0, shape[axis], 1):
                field = fields.along(field, axis, taps.selected(shape[axis], first, stop, step))
            targets.append(place)
            axis, kept = axis + 1, kept + 1
        elif isinstance(item, int) and not isinstance(item, bool):
            where = item % shape[axis]
            field = fields.along(field, axis, taps.selected(shape[axis], where, where + 1, 1))
            targets.append(None)
            axis += 1
        elif (known := _known(item, shape[axis])) is not None:
            field = fields.along(field, axis, taps.listed(shape[axis], known))
            targets.append(start + spread - 1)
            axis += 1
        else:
            taken, target = _axes_taken(item), _varying(item, start, spread)
            for chosen in range(axis, axis + taken):
                field = _from_anywhere(fields, op, field, chosen, 1 if target is None else output[target])
            targets += [target] * taken
            axis += taken
    return moved(field, targets)


def _place_of_gathered(items: list[Any], ndim: int) -> tuple[int, int]:
    """First axis, and number of axes, that the indexed axes have in the output.

    They stand where the first one stood, or in front where slices lie between them; integers are selected before.
    """
    kinds = ["kept" if item is None or isinstance(item, slice) else "gathered" for item in items if not _is_int(item)]
    if "gathered" not in kinds:
        return ndim, 0
    first = kinds.index("gathered")
    together = "kept" not in kinds[first : len(kinds) - kinds[::-1].index("gathered")]
    return first if together else 0, ndim - kinds.count("kept")


def _varying(item: Any, start: int, spread: int) -> int | None:
    """The only axis of the output along which the chosen positions differ; None when there is none, or several."""
    sizes = tuple(item.shape) if hasattr(item, "shape") else np.shape(item)
    differ = [start + spread - len(sizes) + place for place, size in enumerate(sizes) if size != 1]
    return differ[0] if len(differ) == 1 else None


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


def _is_int(item: Any) -> bool:
    return isinstance(item, int) and not isinstance(item, bool)


def _axes_taken(item: Any) -> int:
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    if isinstance(item, Tensor) and str(item.dtype) in ("torch.bool", "torch.uint8"):
        return item.ndim
    return 1


def _known(item: Any, size: int) -> Any:
    """Return the positions that a list names, by numbers or as a mask; None for anything else."""
    if not isinstance(item, tuple | list) or not all(isinstance(number, int) for number in item):
        return None
    is_mask = any(isinstance(number, bool) for number in item)
    return np.flatnonzero(item) if is_mask else np.array(item, dtype=np.int64) % size


def is_plain(item: slice) -> bool:
    """Return True if no bound of a slice is a tensor."""
    return not any(isinstance(bound, Tensor) for bound in (item.start, item.stop, item.step))
