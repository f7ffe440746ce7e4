"""Results of the receptive field pass."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from convwright.graph import Op


def named(op: Op) -> dict[str, Any]:
    """An op by path, kind and index."""
    return {"path": op.path, "kind": op.kind, "index": op.index}


class OpField(NamedTuple):
    """The fields of one op's output; every entry has one value per image axis, as (height, width).

    Attributes
    ----------
    receptive_field_px : tuple of int
        Pixels seen by the position that sees most, as if the image had no border, global gates set aside.
    full_receptive_field_px : tuple of int
        The same with global gates.
    jump_px : tuple of (int, float or None)
        Pixels from one position to the next; None without a tensor axis of its own (pooled, tokens).
    center_px : tuple of float
        Middle of the first position's field; pixel 0 has its center at 0.
    """

    receptive_field_px: tuple[int, ...]
    full_receptive_field_px: tuple[int, ...]
    jump_px: tuple[float | None, ...]
    center_px: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """The values as lists."""
        return {name: list(values) for name, values in self._asdict().items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class PixelBox:
    """The pixels that one position sees: first and last per image axis, both included.

    `first` and `last` go on beyond the border as in a larger image; `clipped` is what torch really reads, None when
    that is only padding.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]
    clipped: tuple[tuple[int, int], ...] | None

    def to_dict(self) -> dict[str, Any]:
        """The corners as lists."""
        clipped = None if self.clipped is None else [list(pair) for pair in self.clipped]
        return {"first": list(self.first), "last": list(self.last), "clipped": clipped}


@dataclass(frozen=True, kw_only=True, slots=True)
class Misalignment:
    """A merge of branches whose positions look at different places.

    Attributes
    ----------
    op : Op
        The merge.
    offset_px : tuple of float
        Per image axis, the largest distance between the centers that two branches have at one position.
    shift_px : tuple of float
        The same, averaged over positions before its size is taken: 0 where the centers differ to and fro, as after
        nearest upsampling.
    """

    op: Op
    offset_px: tuple[float, ...]
    shift_px: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """The op by path and index, and the distances."""
        return {**named(self.op), "offset_px": list(self.offset_px), "shift_px": list(self.shift_px)}
