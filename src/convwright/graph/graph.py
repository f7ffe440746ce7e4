"""The traced network: ops in call order, with the producer and the consumers of every tensor."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from .construction import construction_place
from .records import ModuleRow, Op, Place, Tensor, Weight
from .value_read import ValueRead


@dataclass(frozen=True, kw_only=True, eq=False)
class Graph:
    """One call of a model; see `trace`.

    Attributes
    ----------
    ops : tuple of Op
        In call order.
    inputs : tuple of Tensor
        In the order of `forward`'s arguments; those of a list, tuple or mapping are named as in "images.0", "maps.p3".
    arguments : tuple or dict
        What `forward` was given, by position or by name, with a `Tensor` in place of each tensor. Where there are
        both, those by name are a mapping at the end.
    outputs : mapping of str to Tensor
        By where they sit in what `forward` returned: "" for a lone tensor, else as in "out", "0", "boxes.1".
    parameters, buffers : mapping of str to Weight
        By qualified name, shared ones once.
    modules : mapping of str to ModuleRow
        By path, shared ones once, modules that were never called included.
    deaths : mapping of int to int
        By `Tensor.storage`, the last op during which the model held the memory, as variables, arguments, lists; what
        outlives the call is not there.
    model_type : str
        Name of the model's class.
    depends_on_values : tuple of ValueRead
        Calls that needed numbers, the first one first: the graph is of the path that one input took, and was computed.
        Empty where shapes alone decide.
    depends_on_mode : bool
        True if other code than torch's batch norms read `training`: in the other mode other ops may run.
    """

    ops: tuple[Op, ...]
    inputs: tuple[Tensor, ...]
    arguments: tuple[Any, ...] | dict[str, Any]
    outputs: Mapping[str, Tensor]
    parameters: Mapping[str, Weight]
    buffers: Mapping[str, Weight]
    modules: Mapping[str, ModuleRow]
    deaths: Mapping[int, int]
    model_type: str
    depends_on_values: tuple[ValueRead, ...] = ()
    depends_on_mode: bool = False
    _places: dict[str, Place | None] = field(default_factory=dict, repr=False, init=False)

    def __repr__(self) -> str:
        return f"<Graph of {self.model_type}: {len(self.ops)} ops, {len(self.parameters)} parameters>"

    def __getstate__(self) -> dict[str, Any]:
        """Return what a process needs that has not the classes of the modules: their names, and what they tell."""
        rows = [{**row._asdict(), "module_class": row.type} for row in self.modules.values()]
        return {**vars(self), "modules": rows, "_places": {path: self.constructed(path) for path in self.modules}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the graph of another process, with empty classes of the same names."""
        rows = [ModuleRow(**{**row, "module_class": type(row["module_class"], (), {})}) for row in state["modules"]]
        vars(self).update(state, modules=MappingProxyType({row.path: row for row in rows}))

    def __iter__(self) -> Iterator[Op]:
        return iter(self.ops)

    def producer(self, tensor: Tensor) -> Op | None:
        """Return the op that made `tensor`; None for inputs, parameters, buffers and constants."""
        return None if tensor.producer is None else self.ops[tensor.producer]

    def consumers(self, tensor: Tensor) -> tuple[Op, ...]:
        """Return the ops that read `tensor`, in call order, each once."""
        return self._consumers.get(tensor, ())

    def sole_consumer(self, op: Op) -> Op | None:
        """Return the one op that reads what `op` made; None when several do, none does, or the model returns it."""
        readers = {reader.index: reader for tensor in op.outputs for reader in self.consumers(tensor)}
        if len(readers) != 1 or any(self.is_output(tensor) for tensor in op.outputs):
            return None
        return next(iter(readers.values()))

    def is_output(self, tensor: Tensor) -> bool:
        """Return True if the model returns `tensor`."""
        return any(tensor is each for each in self.outputs.values())

    def ops_in(self, path: str) -> tuple[Op, ...]:
        """Return the ops that ran inside the module at `path`, its children's included."""
        if not path:
            return self.ops
        return tuple(op for op in self.ops if op.path == path or op.path.startswith(f"{path}."))

    def constructed(self, path: str) -> Place | None:
        """Return the line that built the module at `path`, found in the source of the class that holds it.

        The line of the nearest container that is found, for a module built in a way that cannot be read from the
        source (in a loop, by a helper function); None for the model itself.
        """
        if path not in self._places:
            self._places[path] = construction_place(path, {p: row.module_class for p, row in self.modules.items()})
        return self._places[path]

    def to_dict(self) -> dict[str, Any]:
        """Return the whole graph as plain values."""
        return {
            "model": self.model_type,
            "inputs": [tensor.id for tensor in self.inputs],
            "outputs": {name: tensor.id for name, tensor in self.outputs.items()},
            "tensors": [tensor.to_dict() for tensor in self.tensors],
            "ops": [op.to_dict() for op in self.ops],
            "parameters": [row.to_dict() for row in self.parameters.values()],
            "buffers": [row.to_dict() for row in self.buffers.values()],
            "modules": [row.to_dict() for row in self.modules.values()],
            "deaths": dict(self.deaths),
            "depends_on_values": [read.to_dict() for read in self.depends_on_values],
            "depends_on_mode": self.depends_on_mode,
        }

    @cached_property
    def tensors(self) -> tuple[Tensor, ...]:
        """Every tensor of the graph, by id."""
        seen = {tensor.id: tensor for tensor in (*self.inputs, *self.outputs.values())}
        for op in self.ops:
            for tensor in (*op.inputs, *op.outputs):
                seen[tensor.id] = tensor
        return tuple(seen[id_] for id_ in sorted(seen))

    @cached_property
    def _consumers(self) -> dict[Tensor, tuple[Op, ...]]:
        readers: dict[Tensor, list[Op]] = {}
        for op in self.ops:
            for tensor in dict.fromkeys(op.inputs):
                readers.setdefault(tensor, []).append(op)
        return {tensor: tuple(ops) for tensor, ops in readers.items()}
