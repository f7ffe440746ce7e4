"""The exact receptive field of every op of a traced network, branched ones included.

Every tensor keeps, for each image axis, the first and last pixel seen by each of its positions. An op maps intervals
to intervals; where branches meet, the hull is taken. Taps that fall into padding continue the grid, whatever the
padding mode, so that sizes do not depend on the size of the image; what is left of the field inside the image is a
separate fact, with each padding mode read as torch reads it.

Source: Araujo et al. 2019, "Computing receptive fields of convolutional neural networks", sections 2 and 3, whose
formulas are the special case of a regular grid.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from convwright.errors import ConvwrightError
from convwright.graph import Graph, Op, Tensor

from .fields.field_numbers import at, bounds_of, has_window, index_of, offsets, op_field
from .fields.field_pass import ReceptiveFieldPass, TensorField, has_own_axis, is_map
from .fields.image import image_axes, image_input
from .fields.intervals import Ints
from .fields.propagate import propagate
from .fields.records import Misalignment, OpField, PixelBox, named


@dataclass(frozen=True, kw_only=True, eq=False)
class ReceptiveFields:
    """The receptive field of every op; see `receptive_fields`.

    Attributes
    ----------
    graph : Graph
        What was analyzed.
    image : Tensor or None
        The input whose pixels are counted; None when no input is an image, and then nothing has a field.
    axes : tuple of int
        Its image axes.
    """

    graph: Graph
    image: Tensor | None
    axes: tuple[int, ...]
    _fields: dict[tuple[int, int], OpField] = field(default_factory=dict, repr=False, init=False)

    @property
    def image_px(self) -> tuple[int, ...]:
        """Size of the image."""
        return tuple(self.image.shape[axis] for axis in self.axes) if self.image is not None else ()

    def __getitem__(self, index: int) -> OpField | None:
        """The fields of `graph.ops[index]`; None when its output does not depend on the image."""
        return self.of(self.graph.ops[index].output)

    def of(self, place: Op | Tensor) -> OpField | None:
        """The fields of an op's first output, or of a tensor; None when it does not depend on the image."""
        tensor = place if isinstance(place, Tensor) else place.output
        local, full = self._local.by_tensor.get(tensor), self._full.by_tensor.get(tensor)
        if local is None or full is None:
            return None
        # Most ops see what the op before them saw. The fields live as long as the passes `_local` and `_full`.
        key = id(local), id(full)
        found = self._fields.get(key)
        if found is None:
            found = self._fields[key] = op_field(local, full)
        return found

    @cached_property
    def last_map(self) -> Op | None:
        """The last op whose output still has positions along every image axis: what the head pools or flattens."""
        return self._last(is_map)

    def map_axes(self, tensor: Tensor) -> tuple[int, ...]:
        """The axes of a tensor along which the positions of a map lie, one per image axis; () when it is no map.

        Of a network without an image, all behind the channels are taken for them.
        """
        if self.image is None:
            return tuple(range(2, tensor.ndim))
        field = self._local.by_tensor.get(tensor)
        return tuple([interval.dims[0] for interval in field]) if field and is_map(field) else ()

    @cached_property
    def _last_positions(self) -> Op | None:
        """The last op whose output has positions along some image axis; the others were joined before."""
        return self._last(has_own_axis)

    def _last(self, is_meant: Callable[[TensorField], bool]) -> Op | None:
        """Return the last op whose output has a field that is meant."""
        for op in reversed(self.graph.ops):
            field = self._local.by_tensor.get(op.output)
            if field and is_meant(field):
                return op
        return None

    @cached_property
    def _total(self) -> OpField:
        place = self.last_map or self._last_positions
        found = self.of(place) if place else None
        none = (0,) * len(self.axes)
        return found or OpField(receptive_field_px=none, full_receptive_field_px=none, jump_px=none, center_px=none)

    @property
    def receptive_field_px(self) -> tuple[int, ...]:
        """The local field at the last map, or where positions along some axis were last; 0 when there is neither."""
        return self._total.receptive_field_px

    @property
    def full_receptive_field_px(self) -> tuple[int, ...]:
        """The full field at the last map."""
        return self._total.full_receptive_field_px

    @property
    def jump_px(self) -> tuple[float | None, ...]:
        """The jump at the last map."""
        return self._total.jump_px

    @property
    def center_px(self) -> tuple[float, ...]:
        """The center of the first position of the last map."""
        return self._total.center_px

    @property
    def global_gates(self) -> tuple[Op, ...]:
        """Ops at which something that has seen the whole image meets a map; the local field sets it aside."""
        return tuple(self._local.gates.values())

    @property
    def unknown(self) -> tuple[Op, ...]:
        """Ops whose outputs may see less than is said: no rule describes them, or only numbers tell what they read."""
        return tuple(self._local.unknown.values())

    @cached_property
    def unproductive(self) -> tuple[Op, ...]:
        """Convolutions and pools with a window whose input already sees the whole image.

        Source: Richter et al. 2021, "(Input) Size Matters for CNN Classifiers", section 4: such layers can no longer
        add context.
        """
        return tuple(op for op in self.graph.ops if has_window(op) and self._sees_all(op))

    def _sees_all(self, op: Op) -> bool:
        field = self._local.by_tensor.get(op.input)
        if field is None or not is_map(field) or not is_map(self._local.by_tensor.get(op.output, ())):
            return False
        return all(interval.pixels.size_px >= size for interval, size in zip(field, self.image_px, strict=True))

    @cached_property
    def misaligned(self) -> tuple[Misalignment, ...]:
        """Merges whose branches have their centers at different pixels."""
        found = []
        for op in self.graph.ops:
            if len(op.inputs) > 1:
                tensor_fields = [
                    self._local.by_tensor[tensor] for tensor in op.inputs if tensor in self._local.by_tensor
                ]
                maps = [field for field in dict.fromkeys(tensor_fields) if is_map(field)]
                if len(maps) > 1 and (apart := offsets(maps)):
                    found.append(Misalignment(op=op, offset_px=apart[0], shift_px=apart[1]))
        return tuple(found)

    def clipped(self, place: Op | Tensor, *, full: bool = False) -> tuple[tuple[Ints, Ints], ...]:
        """First and last pixel that each position really reads, per image axis; first > last where there is none.

        The arrays broadcast against the tensor: they have its axes, of size 1 where the pixels do not vary.
        """
        tensor = place if isinstance(place, Tensor) else place.output
        field = self._field(tensor, self._full_clipped if full else self._local_clipped)
        return tuple(bounds_of(interval, tensor.shape) for interval in field)

    def field_of(self, place: Op | Tensor, position: tuple[int, ...] | None = None, *, full: bool = False) -> PixelBox:
        """The pixels seen by one position of an op's output.

        Parameters
        ----------
        place : Op or Tensor
            Where to look.
        position : tuple of int, optional
            Per image axis where the output is a map, else an index into the whole tensor; the middle by default.
        full : bool
            Count global gates.

        Raises
        ------
        ConvwrightError
            When the output does not depend on the image, or there is no such position.
        """
        tensor = place if isinstance(place, Tensor) else place.output
        beyond = self._field(tensor, self._full if full else self._local)
        within = self._field(tensor, self._full_clipped if full else self._local_clipped)
        index = index_of(tensor, beyond, position)
        first, last = zip(*(at(interval, index) for interval in beyond), strict=True)
        clipped = tuple(at(interval, index) for interval in within)
        seen = all(low <= high for low, high in clipped)
        return PixelBox(first=first, last=last, clipped=clipped if seen else None)

    def _field(self, place: Op | Tensor, fields: ReceptiveFieldPass) -> TensorField:
        tensor = place if isinstance(place, Tensor) else place.output
        if tensor not in fields.by_tensor:
            name = f"tensor {tensor.id}" if isinstance(place, Tensor) else f"{place.kind} in {place.path!r}"
            raise ConvwrightError(f"{name} does not depend on the image", hint="choose an op between input and output")
        return fields.by_tensor[tensor]

    @cached_property
    def _local(self) -> ReceptiveFieldPass:
        return self._propagate(local=True, continued=True)

    @cached_property
    def _full(self) -> ReceptiveFieldPass:
        return self._propagate(local=False, continued=True) if self._local.gates else self._local

    @cached_property
    def _local_clipped(self) -> ReceptiveFieldPass:
        return self._propagate(local=True, continued=False)

    @cached_property
    def _full_clipped(self) -> ReceptiveFieldPass:
        return self._propagate(local=False, continued=False) if self._local.gates else self._local_clipped

    def _propagate(self, *, local: bool, continued: bool) -> ReceptiveFieldPass:
        if self.image is None:
            return ReceptiveFieldPass(local=local, continued=continued)
        return propagate(self.graph, self.image, self.axes, local=local, continued=continued)

    def to_dict(self) -> dict[str, Any]:
        """The totals as plain values; ops by path and index."""
        return {
            "image_px": list(self.image_px),
            "last_map": named(self.last_map) if self.last_map else None,
            **self._total.to_dict(),
            "global_gates": [named(op) for op in self.global_gates],
            "unknown": [named(op) for op in self.unknown],
            "unproductive": [named(op) for op in self.unproductive],
            "misaligned": [merge.to_dict() for merge in self.misaligned],
        }


def receptive_fields(
    graph: Graph, *, image: Tensor | None = None, axes: tuple[int, ...] | None = None
) -> ReceptiveFields:
    """The exact receptive field of every op of a graph.

    Parameters
    ----------
    graph : Graph
        From `trace`; in eval mode, unless batch norm's statistics over the whole image are to count.
    image : Tensor, optional
        The input whose pixels are counted; by default the first that looks like an image.
    axes : tuple of int, optional
        Its image axes, height before width; by default the last ones, or those in front of the channels where the
        network moves the channels first.

    Examples
    --------
    >>> from torch import nn
    >>> from convwright.graph import trace
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.MaxPool2d(2), nn.Conv2d(8, 8, (1, 7), padding=(0, 3)))
    >>> fields = receptive_fields(trace(net, (1, 3, 32, 32)))
    >>> fields.receptive_field_px, fields.jump_px
    ((4, 16), (2, 2))
    >>> fields.field_of(fields.last_map, (0, 0)).clipped
    ((0, 2), (0, 8))
    """
    image = image_input(graph) if image is None else image
    if image is None:
        return ReceptiveFields(graph=graph, image=None, axes=())
    return ReceptiveFields(graph=graph, image=image, axes=axes or image_axes(graph, image))
