"""Fields of the tensors in one pass: per image axis the intervals seen, and the tensor axes along which they vary.

Positions of one channel and of another are not kept apart: the field of a position is the hull over its channels,
and over the batch.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import prod
from typing import NamedTuple

import numpy as np

from convwright.graph import Op, Tensor

from . import intervals, taps
from .intervals import Ints, PixelIntervals
from .taps import Taps


class AxisInterval(NamedTuple):
    """The intervals along one image axis.

    `dims` names the tensor axes along which they vary, in rising order, one per axis of the arrays of `pixels`. None at
    all, after a global pool, means that every position sees the same.
    """

    dims: tuple[int, ...]
    pixels: PixelIntervals

    @property
    def is_pooled(self) -> bool:
        """True if no axis of the tensor belongs to this image axis any more."""
        return not self.dims


TensorField = tuple[AxisInterval, ...]
Places = tuple[int, ...]

# Positions beyond which their fields are no longer kept apart where axes are merged or crossed (8 MiB an array).
MOST_POSITIONS = 2**20

_OF_ONE_INPUT = (
    "expand_as",
    "reshape_as",
    "to",
    "type_as",
    "view_as",
)  # of a second one only the shape or dtype counts


def is_map(field: TensorField) -> bool:
    """Return True if every image axis still has one tensor axis of its own."""
    return all(len(interval.dims) == 1 for interval in field) and len({interval.dims for interval in field}) == len(
        field
    )


def has_own_axis(field: TensorField) -> bool:
    """Return True if some image axis has a tensor axis that no other has."""
    dims = [dim for interval in field for dim in interval.dims]
    return any(len(interval.dims) == 1 and dims.count(interval.dims[0]) == 1 for interval in field)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReceptiveFieldPass:
    """The fields of all tensors in one pass over a graph, and the few operations that every rule is made of.

    Parameters
    ----------
    local : bool
        Set global gates aside, and note them in `gates`.
    continued : bool
        See on beyond the border, as in a larger image.

    Attributes
    ----------
    gates, unknown : dict of int to Op
        By index: ops where a global gate meets a map, and ops whose outputs may see less than is said.
    apart : set of Tensor
        Those whose channels are different places of a window, of which the hull is taken: too wide if they are put
        back before channels mix.
    """

    local: bool
    continued: bool
    by_tensor: dict[Tensor, TensorField] = field(default_factory=dict)
    gates: dict[int, Op] = field(default_factory=dict)
    unknown: dict[int, Op] = field(default_factory=dict)
    apart: set[Tensor] = field(default_factory=set)
    _gathered: dict[tuple[PixelIntervals, int, Taps], PixelIntervals] = field(default_factory=dict)
    _hulls: dict[tuple[PixelIntervals, PixelIntervals], PixelIntervals] = field(default_factory=dict)
    _blind: dict[PixelIntervals, bool] = field(default_factory=dict)
    _spreads: dict[tuple[PixelIntervals, Places, int], PixelIntervals] = field(default_factory=dict)

    def image_inputs(self, op: Op) -> list[tuple[Tensor, TensorField]]:
        """The inputs of `op` whose numbers it reads and that depend on the image."""
        known = self.by_tensor
        read = op.inputs[:1] if op.kind in _OF_ONE_INPUT else op.inputs
        return [(tensor, known[tensor]) for tensor in read if tensor in known]

    def note_if_apart(self, op: Op) -> None:
        """List an op that puts places of a window back if no op has mixed them."""
        if op.input in self.apart:
            self.unknown[op.index] = op

    def along(self, field: TensorField, axis: int, taps: Taps) -> TensorField:
        """Read `taps` along one tensor axis."""
        return tuple(
            [
                AxisInterval(interval.dims, self._gather(interval.pixels, interval.dims.index(axis), taps))
                if axis in interval.dims
                else interval
                for interval in field
            ]
        )

    def merged(self, op: Op, parts: Iterable[tuple[Tensor, TensorField]]) -> TensorField:
        """The hull of several tensors that broadcast against each other."""
        shape = op.output.shape
        return self.hulls(
            op,
            [field if tensor.shape == shape else self.broadcast(field, tensor.shape, shape) for tensor, field in parts],
        )

    def broadcast(self, field: TensorField, before: tuple[int, ...], after: tuple[int, ...]) -> TensorField:
        """Axes of size 1 repeated, and new ones put in front."""
        added = len(after) - len(before)
        for axis, size in enumerate(before):
            if after[axis + added] != size:
                field = self.along(field, axis, taps.repeated(after[axis + added]))
        return moved(field, range(added, len(after))) if added else field

    def hulls(self, op: Op, tensor_fields: Sequence[TensorField]) -> TensorField:
        """The hull of fields whose axes correspond."""
        first = tensor_fields[0]
        if all(field is first for field in tensor_fields):
            return first
        return tuple([self._hull_of(op, aligned) for aligned in zip(*map(self._settled, tensor_fields), strict=True)])

    def union(self, tensor_fields: Sequence[TensorField]) -> TensorField:
        """The hull of fields whose axes correspond, with nothing set aside."""
        if len(tensor_fields) == 1:
            return tensor_fields[0]
        return tuple([reduce(self._pair, aligned) for aligned in zip(*map(self._settled, tensor_fields), strict=True)])

    def _settled(self, field: TensorField) -> TensorField:
        """Before a merge: a position that sees nothing along one image axis sees nothing along the others."""
        blind = [interval for interval in field if not interval.pixels.rising and self._is_blind(interval.pixels)]
        return (
            tuple([_blinded(interval, [r for r in blind if r is not interval]) for interval in field])
            if blind
            else field
        )

    def _is_blind(self, pixels: PixelIntervals) -> bool:
        known = self._blind.get(pixels)
        if known is None:
            known = self._blind[pixels] = bool((pixels.lo > pixels.hi).any())
        return known

    def _hull_of(self, op: Op, aligned: tuple[AxisInterval, ...]) -> AxisInterval:
        dims = aligned[0].dims
        if all(interval.dims == dims for interval in aligned):
            return AxisInterval(dims, reduce(self._hull, [interval.pixels for interval in aligned]))
        if self.local:
            spread = [interval for interval in aligned if interval.dims]
            if spread and len(spread) < len(aligned):
                self.gates[op.index] = op
                aligned = tuple(spread)
        return reduce(self._pair, aligned)

    def _pair(self, one: AxisInterval, other: AxisInterval) -> AxisInterval:
        if one.dims == other.dims:
            return AxisInterval(one.dims, self._hull(one.pixels, other.pixels))
        dims = tuple(sorted({*one.dims, *other.dims}))
        if prod(max(extent(one, dim), extent(other, dim)) for dim in dims) > MOST_POSITIONS:
            # Every query with every key of a large map: the hull over keys, of which all are seen in the end.
            kept = {dim: dim for dim in one.dims} if one.dims else {dims[0]: dims[0]}
            other = _moved(other, [kept.get(dim) for dim in range(dims[-1] + 1)])
            dims = tuple(sorted({*one.dims, *other.dims}))
        several = [self._spread(interval.pixels, _places(interval, dims), len(dims)) for interval in (one, other)]
        return AxisInterval(dims, self._hull(*several))

    def _hull(self, one: PixelIntervals, other: PixelIntervals) -> PixelIntervals:
        if one is other:
            return one
        found = self._hulls.get((one, other))
        if found is None:
            found = self._hulls[one, other] = intervals.hull(one, other)
        return found

    def _spread(self, pixels: PixelIntervals, places: Places, ndim: int) -> PixelIntervals:
        if len(places) == ndim:
            return pixels
        key = (pixels, places, ndim)
        found = self._spreads.get(key)
        if found is None:
            found = self._spreads[key] = intervals.spread(*key)
        return found

    def _gather(self, pixels: PixelIntervals, axis: int, taps: Taps) -> PixelIntervals:
        key = (pixels, axis, taps)
        found = self._gathered.get(key)
        if found is None:
            found = self._gathered[key] = intervals.gather(pixels, axis, taps, continued=self.continued)
        return found


def _places(interval: AxisInterval, dims: tuple[int, ...]) -> Places:
    """Return where the interval's tensor axes stand among `dims`."""
    return tuple([dims.index(dim) for dim in interval.dims])


def extent(interval: AxisInterval, dim: int) -> int:
    """Positions along one tensor axis; 1 where the intervals do not vary."""
    return interval.pixels.lo.shape[interval.dims.index(dim)] if dim in interval.dims else 1


def laid(interval: AxisInterval, bounds: Ints, dims: tuple[int, ...], shape: Sequence[int]) -> Ints:
    """One of the interval's arrays, written out over more tensor axes."""
    added = tuple(place for place, dim in enumerate(dims) if dim not in interval.dims)
    return np.broadcast_to(np.expand_dims(bounds, added), shape)


def _blinded(interval: AxisInterval, others: Sequence[AxisInterval]) -> AxisInterval:
    """The interval, with nothing seen where one of the others sees nothing."""
    for other in others:
        dims = tuple(sorted({*interval.dims, *other.dims}))
        pixels, mask = (intervals.spread(r.pixels, _places(r, dims), len(dims)) for r in (interval, other))
        interval = AxisInterval(dims, intervals.hidden(pixels, mask.lo > mask.hi))
    return interval


def each(field: TensorField, change: Callable[[AxisInterval], AxisInterval]) -> TensorField:
    """The field with one change made to every image axis."""
    return tuple([change(interval) for interval in field])


def moved(field: TensorField, targets: Sequence[int | None]) -> TensorField:
    """Tensor axis d becomes axis `targets[d]`; the hull is taken along those that go nowhere."""
    return each(field, lambda interval: _moved(interval, targets))


def _moved(interval: AxisInterval, targets: Sequence[int | None]) -> AxisInterval:
    lost = tuple(place for place, dim in enumerate(interval.dims) if targets[dim] is None)
    pixels = intervals.reduced(interval.pixels, lost) if lost else interval.pixels
    places = [place for place in (targets[dim] for dim in interval.dims) if place is not None]
    dims = tuple(sorted(places))
    if list(dims) != places:
        order = np.argsort(places)
        pixels = PixelIntervals(
            pixels.lo.transpose(order), pixels.hi.transpose(order), tuple(pixels.grids[place] for place in order)
        )
    return AxisInterval(dims, pixels)


def reduced(field: TensorField, axes: Iterable[int], ndim: int, *, keepdim: bool = True) -> TensorField:
    """The hull along tensor axes, which stay with size 1 or vanish."""
    gone = {axis % ndim for axis in axes} if ndim else set()
    targets: list[int | None] = []
    kept = 0
    for axis in range(ndim):
        targets.append(None if axis in gone else kept)
        kept += keepdim or axis not in gone
    return moved(field, targets)


def everywhere(field: TensorField) -> TensorField:
    """Every position sees all that any position sees."""
    return each(
        field,
        lambda interval: AxisInterval((), intervals.reduced(interval.pixels, tuple(range(interval.pixels.lo.ndim)))),
    )
