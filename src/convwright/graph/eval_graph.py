"""Graph of eval mode, from a trace in which dropouts and stochastic depth ran as in train mode."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from .graph import Graph
from .mode_reads import Drop
from .quick_records import make_op, make_tensor
from .records import Op, Tensor


def eval_graph(graph: Graph, drops: Sequence[Drop]) -> Graph | None:
    """Return the graph that a trace in eval mode would have made, to the number; None where that is not proved.

    In eval mode no mask is made, and the tensor that would be dropped goes on as itself.

    Parameters
    ----------
    graph : Graph
        With the ops of `drops` as they run in train mode.
    """
    if not all(_is_identity(graph, drop) for drop in drops) or _writes_into_shared(graph, drops):
        return None
    return _WithoutDrops(graph, drops).graph()


def _is_identity(graph: Graph, drop: Drop) -> bool:
    """Return True if the op of `drop` would hand on its input in eval mode, and its mask is its own."""
    if drop.op >= len(graph.ops):
        return False
    op = graph.ops[drop.op]
    if op.kind != drop.kind or len(op.outputs) != 1:
        return False
    x, y = op.input, op.output
    if x.id >= drop.first_tensor or (x.shape, x.stride, x.dtype) != (y.shape, y.stride, y.dtype):
        return False
    if drop.kind == "dropout":
        return op.args["training"] is True and y.id == drop.first_tensor
    return not op.is_inplace and len(op.inputs) == 2 and drop.first_tensor <= op.inputs[1].id < y.id


def _writes_into_shared(graph: Graph, drops: Sequence[Drop]) -> bool:
    """Return True if something is written over that eval mode reads later under another name."""
    joined: dict[int, int] = {}  # storage in train mode: storage in eval mode
    for drop in drops:
        op = graph.ops[drop.op]
        if not op.is_inplace:
            before = op.input.storage
            joined[op.output.storage] = joined.setdefault(before, before)
    written: dict[int, dict[int, int]] = {}  # by storage in eval mode, then in train mode: the last op that wrote

    def is_stale(tensor: Tensor) -> bool:
        writes = written.get(joined.get(tensor.storage, -1), {})
        made = -1 if tensor.producer is None else tensor.producer
        return any(index > made for storage, index in writes.items() if storage != tensor.storage)

    for op in graph.ops:
        if written and any(map(is_stale, op.inputs)):
            return True
        for tensor in op.outputs if op.is_inplace else ():
            if tensor.storage in joined:
                written.setdefault(joined[tensor.storage], {})[tensor.storage] = op.index
    return any(map(is_stale, graph.outputs.values()))


class _WithoutDrops:
    """The tensors and ops of a graph, numbered anew."""

    def __init__(self, graph: Graph, drops: Sequence[Drop]) -> None:
        self._graph = graph
        self._kinds = {drop.op: drop.kind for drop in drops}
        self._tensors: dict[int, Tensor] = {}
        self._storages: dict[int, int] = {}
        self._first = drops[0].first_tensor
        masked = [drop for drop in drops if drop.kind == "mul"]
        # Ids up to `_ends[i]` from `_starts[i]` on are of no tensor of eval mode: masks and what they made.
        self._starts = [drop.first_tensor for drop in masked]
        self._ends = [graph.ops[drop.op].output.id for drop in masked]
        sizes = [end + 1 - start for start, end in zip(self._starts, self._ends, strict=True)]
        self._shifts = [0, *accumulate(sizes)]
        gone = {drop.op for drop in masked}
        # The index of an op that is left out becomes that of the one before it.
        self._indices = [*accumulate([op.index not in gone for op in graph.ops], initial=-1)][1:]

    def graph(self) -> Graph:
        """Return the graph of eval mode."""
        graph = self._graph
        ops = tuple([made for op in graph.ops if (made := self._op(op)) is not None])
        outputs = {name: self._tensor(tensor) for name, tensor in graph.outputs.items()}
        return replace(
            graph,
            ops=ops,
            outputs=MappingProxyType(outputs),
            deaths=MappingProxyType(self._deaths()),
            depends_on_mode=True,
        )

    def _op(self, op: Op) -> Op | None:
        kind, old = self._kinds.get(op.index), self._tensors
        if kind == "mul":
            x = self._tensor(op.input)
            old[op.output.id], self._storages[op.output.storage] = x, x.storage
            return None
        if kind is None and max(map(_id_of, (*op.inputs, *op.outputs))) < self._first:
            return op
        args = {name: self._value(value) for name, value in op.args.items()}
        if kind == "dropout":
            args["training"] = False
            self._storages[op.output.storage] = self._tensor(op.input).storage
        return make_op(
            index=self._indices[op.index],
            kind=op.kind,
            args=MappingProxyType(args),
            inputs=tuple([self._tensor(tensor) for tensor in op.inputs]),
            outputs=tuple([self._tensor(tensor) for tensor in op.outputs]),
            path=op.path,
            module_type=op.module_type,
            call=op.call,
            place=op.place,
            is_inplace=op.is_inplace,
            tracks_gradients=op.tracks_gradients,
            checkpoint=op.checkpoint,
        )

    def _tensor(self, tensor: Tensor) -> Tensor:
        known = self._tensors.get(tensor.id)
        if known is not None:
            return known
        if tensor.id < self._first:
            return tensor
        made = self._tensors[tensor.id] = make_tensor(
            id=self._id(tensor.id),
            shape=tensor.shape,
            stride=tensor.stride,
            dtype=tensor.dtype,
            role=tensor.role,
            producer=None if tensor.producer is None else self._indices[tensor.producer],
            storage=self._storage(tensor.storage),
            name=tensor.name,
        )
        return made

    def _storage(self, storage: int) -> int:
        return self._storages[storage] if storage in self._storages else self._id(storage)

    def _id(self, number: int) -> int:
        return number - self._shifts[bisect_left(self._starts, number)]

    def _value(self, value: Any) -> Any:
        if value.__class__ is Tensor:
            return self._tensor(value)
        if isinstance(value, tuple):
            return tuple([self._value(item) for item in value]) if any(map(_holds_more, value)) else value
        if isinstance(value, dict):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, slice):
            return slice(*(self._value(item) for item in (value.start, value.stop, value.step)))
        return value

    def _deaths(self) -> dict[int, int]:
        """Memory dies with the last of what shares it; a mask is not there."""
        deaths, joined = self._graph.deaths, self._storages
        died: dict[int, int] = {}
        for storage, index in deaths.items():
            position = bisect_right(self._starts, storage) - 1
            is_gone = position >= 0 and storage <= self._ends[position]
            if storage in joined or not is_gone:
                number = self._storage(storage)
                died[number] = max(died.get(number, -1), self._indices[index])
        given = {op.input.storage for op in map(self._graph.ops.__getitem__, self._kinds)}
        alive = {self._storage(storage) for storage in (*joined, *given) if storage not in deaths}
        return {number: index for number, index in died.items() if number not in alive}


_id_of = attrgetter("id")


def _holds_more(value: Any) -> bool:
    return value.__class__ is Tensor or isinstance(value, tuple | dict | slice)
