"""`Analysis`, the result of `analyze`: the facts of every op, and their totals."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

from ..graph import Graph, Op
from .macs import Macs
from .memory import Memory
from .parameters import Parameters
from .receptive_field import ReceptiveFields

SCHEMA = 1  # of the JSON; raised when a key changes its meaning or goes away


class OpFacts(NamedTuple):
    """One op and what it costs.

    Attributes
    ----------
    op : Op
        The traced call.
    parameters : int
        Elements that this op is the first to read, so that the column adds up.
    macs, flops : int or None
        Of the traced batch; None where no rule counts the op.
    receptive_field_px, jump_px : tuple, optional
        For each image axis; None where the output does not depend on the image.
    map_axes : tuple of int
        Axes of the output along which the positions of its map lie, wherever they are; () when it is no map.
    """

    op: Op
    parameters: int
    macs: int | None
    flops: int | None
    receptive_field_px: tuple[int, ...] | None
    jump_px: tuple[float | None, ...] | None
    map_axes: tuple[int, ...]

    @property
    def map_px(self) -> tuple[int, ...]:
        """Size of the map; () when the output is none."""
        return tuple([self.op.output.shape[axis] for axis in self.map_axes])

    @property
    def channels(self) -> int:
        """Values at each position of the map."""
        shape = self.op.output.shape
        return prod(shape[axis] for axis in range(1, len(shape)) if axis not in self.map_axes)

    def to_dict(self) -> dict[str, Any]:
        """The row of the op in the JSON of `analyze`."""
        place = self.op.place
        return {
            "path": self.op.path,
            "kind": self.op.kind,
            "output_shape": list(self.op.output.shape) if self.op.outputs else [],
            "parameters": self.parameters,
            "macs": self.macs,
            "flops": self.flops,
            "receptive_field_px": _list(self.receptive_field_px),
            "jump_px": _list(self.jump_px),
            "source": str(place) if place else None,
        }


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The network in one row.

    Attributes
    ----------
    parameters, trainable_parameters : int
        Shared ones once.
    macs, flops : int
        Of the traced batch, uncounted ops left out.
    activation_bytes : int
        What training keeps for the backward pass.
    peak_inference_bytes, peak_training_bytes : int
        See `Memory`.
    receptive_field_px, full_receptive_field_px : tuple of int
        At the last map: without and with global gates.
    jump_px : tuple
        At the last map.
    """

    parameters: int
    trainable_parameters: int
    macs: int
    flops: int
    activation_bytes: int
    peak_inference_bytes: int
    peak_training_bytes: int
    receptive_field_px: tuple[int, ...]
    full_receptive_field_px: tuple[int, ...]
    jump_px: tuple[float | None, ...]

    def to_dict(self) -> dict[str, Any]:
        """The totals as plain values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


@dataclass(frozen=True, kw_only=True, eq=False)
class Analysis:
    """A network, traced once, and what each pass found.

    Attributes
    ----------
    label : str
        What the network is called in reports.
    graph : Graph
        Its ops.
    parameters, macs, memory, fields
        What the passes found; each has a column for every op.
    """

    label: str
    graph: Graph
    parameters: Parameters
    macs: Macs
    memory: Memory
    fields: ReceptiveFields

    @cached_property
    def ops(self) -> tuple[OpFacts, ...]:
        """Every op in call order, with its facts."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[OpFacts]:
        for op, parameters, cost in zip(self.graph, self.parameters.per_op, self.macs.per_op, strict=True):
            seen = self.fields[op.index] if op.outputs else None
            macs, flops = cost or (None, None)
            yield OpFacts(
                op=op,
                parameters=parameters,
                macs=macs,
                flops=flops,
                receptive_field_px=seen.receptive_field_px if seen else None,
                jump_px=seen.jump_px if seen else None,
                map_axes=self.fields.map_axes(op.output) if op.outputs else (),
            )

    @cached_property
    def totals(self) -> Totals:
        """The network in one row."""
        return Totals(
            parameters=self.parameters.total,
            trainable_parameters=self.parameters.trainable,
            macs=self.macs.macs,
            flops=self.macs.flops,
            activation_bytes=self.memory.activation_bytes,
            peak_inference_bytes=self.memory.peak_inference_bytes,
            peak_training_bytes=self.memory.peak_training_bytes,
            receptive_field_px=self.fields.receptive_field_px,
            full_receptive_field_px=self.fields.full_receptive_field_px,
            jump_px=self.fields.jump_px,
        )

    @property
    def input_shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shape of every input, batch included."""
        return tuple(tensor.shape for tensor in self.graph.inputs)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `analyze`: a stable contract, see `SCHEMA`."""
        return {
            "schema": SCHEMA,
            "model": self.label,
            "input": [list(shape) for shape in self.input_shapes],
            "depends_on_values": [read.to_dict() for read in self.graph.depends_on_values],
            "totals": self.totals.to_dict(),
            "uncounted": [row.to_dict() for row in self.macs.uncounted],
            "ops": [row.to_dict() for row in self.ops],
        }


def _list(values: tuple[Any, ...] | None) -> list[Any] | None:
    return None if values is None else list(values)
