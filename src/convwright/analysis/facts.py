"""`Analysis`, the result of `analyze`: the facts of every op, and their totals."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

from ..graph import Graph, Op, Tensor
from ..graph.records import dtype_name
from .macs import Macs
from .memory import Memory
from .memory_fit import MemoryFit, fit_memory
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
    trainable : int
        Those of `parameters` that require a gradient.
    macs, flops : int or None
        Of the traced batch; None where no rule counts the op.
    live_bytes, saved_bytes : int
        Inference memory during the op, weights aside; and what it is the first to keep for backward.
    receptive_field_px, jump_px : tuple, optional
        For each image axis; None where the output does not depend on the image.
    map_axes : tuple of int
        Axes of the output along which the positions of its map lie, wherever they are; () when it is no map.
    """

    op: Op
    parameters: int
    trainable: int
    macs: int | None
    flops: int | None
    live_bytes: int
    saved_bytes: int
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

    @property
    def window(self) -> dict[str, Any]:
        """Kernel size, stride, padding, dilation and groups, those that the op has."""
        args, op = self.op.args, self.op
        found = {
            name: args[name] for name in ("kernel_size", "stride", "padding", "dilation", "groups") if name in args
        }
        if "kernel_size" not in found and "stride" in found and isinstance(args.get("weight"), Tensor):
            found["kernel_size"] = args["weight"].shape[2:]
        return found if op.outputs and "kernel_size" in found else {}

    @property
    def dtype(self) -> str | None:
        """Type of the elements of the output."""
        return dtype_name(self.op.output.dtype) if self.op.outputs else None

    def to_dict(self) -> dict[str, Any]:
        """The row of the op in the JSON of `analyze`."""
        op, place, window = self.op, self.op.place, self.window
        return {
            "path": op.path,
            "kind": op.kind,
            "module_type": op.module_type,
            "call": op.call,
            "input_shapes": [list(tensor.shape) for tensor in op.inputs if tensor.role not in ("parameter", "buffer")],
            "output_shape": list(op.output.shape) if op.outputs else [],
            "dtype": self.dtype,
            **{name: _list(window.get(name)) for name in ("kernel_size", "stride", "padding", "dilation")},
            "groups": window.get("groups"),
            "parameters": self.parameters,
            "trainable_parameters": self.trainable,
            "macs": self.macs,
            "flops": self.flops,
            "live_bytes": self.live_bytes,
            "saved_bytes": self.saved_bytes,
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
        columns = self.parameters.per_op, self._trainable(), self.macs.per_op
        memory = self.memory.per_op_live, self.memory.per_op_saved
        for op, parameters, trainable, cost, live, saved in zip(self.graph, *columns, *memory, strict=True):
            seen = self.fields[op.index] if op.outputs else None
            macs, flops = cost or (None, None)
            yield OpFacts(
                op=op,
                parameters=parameters,
                trainable=trainable,
                macs=macs,
                flops=flops,
                live_bytes=live,
                saved_bytes=saved,
                receptive_field_px=seen.receptive_field_px if seen else None,
                jump_px=seen.jump_px if seen else None,
                map_axes=self.fields.map_axes(op.output) if op.outputs else (),
            )

    def _trainable(self) -> Sequence[int]:
        """Count for each op the trainable elements that it is the first to read."""
        if not self.parameters.frozen:
            return self.parameters.per_op
        unread = {name: row.numel for name, row in self.graph.parameters.items() if row.trainable}
        return [sum(unread.pop(name, 0) for name in op.parameters) for op in self.graph]

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

    def fits(self, budget: int | str, *, batch: int | None = None, optimizer: str = "sgd_momentum") -> MemoryFit:
        """Find the largest batch within a budget of memory ("2GiB"), and what changes to training make of it.

        Parameters and errors are those of `memory_fit.fit_memory`.
        """
        return fit_memory(self.memory, budget, batch=batch, optimizer=optimizer)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `analyze`: a stable contract, see `SCHEMA`."""
        from .stages import stages  # which reads the facts of this module

        return {
            "schema": SCHEMA,
            "model": self.label,
            "mode": "train" if self.graph.modules[""].training else "eval",
            "input": [list(shape) for shape in self.input_shapes],
            "input_dtypes": [dtype_name(tensor.dtype) for tensor in self.graph.inputs],
            "depends_on_values": [read.to_dict() for read in self.graph.depends_on_values],
            "totals": self.totals.to_dict(),
            "unused_parameters": list(self.parameters.unused),
            "uncounted": [row.to_dict() for row in self.macs.uncounted],
            "assumed_memory": list(self.memory.assumed),
            "stages": [stage.to_dict() for stage in stages(self.ops)],
            "ops": [row.to_dict() for row in self.ops],
        }


def _list(values: tuple[Any, ...] | str | None) -> list[Any] | str | None:
    return values if values is None or isinstance(values, str) else list(values)  # padding may be "same"
