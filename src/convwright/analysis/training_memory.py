"""Memory of a training step over time: forward, then backward in reverse order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from convwright.graph import Graph, Op, Tensor

from .attention import keeps_scores
from .gradient_memory import add_gradients
from .lifetimes import Allocation
from .saved_tensors import ESTIMATED, NOTHING_SAVED, UNROLLED, SavedTensors, needs_gradient, saved_by
from .timeline import Level, Timeline


@dataclass(frozen=True, kw_only=True)
class TrainingMemory:
    """One training step: memory at each moment (as many backward as forward), and what each op keeps for backward.

    `kept` is all that is kept, by whether it grows with the batch. `assumed` names the kinds of ops of which it is an
    estimate; those that no rule knows are taken to keep all that they read and make.
    """

    levels: Sequence[tuple[int, int]]
    per_op_saved: tuple[int, ...]
    kept: Level
    assumed: tuple[str, ...]


def training_memory(graph: Graph, allocations: dict[int, Allocation], *, accumulates: bool = False) -> TrainingMemory:
    """Memory over one step, weights and the optimizer's state aside.

    Op i runs at moment i and is differentiated at moment 2n - 1 - i.

    Parameters
    ----------
    allocations : dict
        What the forward pass allocates, by storage; see `lifetimes`.
    accumulates : bool
        True for a step whose gradients are added to those of an earlier one.
    """
    num_ops = max(len(graph.ops), 1)  # without any there is a moment of the inputs
    last_moment = 2 * num_ops - 1
    needs = needs_gradient(graph)
    timeline = Timeline.empty(2 * num_ops)
    until = {storage: min(allocation.last, num_ops - 1) for storage, allocation in allocations.items()}
    for tensor in (*graph.inputs, *graph.outputs.values()):
        if tensor.storage in until:
            until[tensor.storage] = last_moment  # the caller holds it
    keeping = _SavedSoFar(allocations, until)
    keeping.assumed.update({UNROLLED: None} if any(op.kind == UNROLLED for op in graph.ops) else {})
    regions = _regions(graph)
    for op in graph.ops:
        keeps, moment = NOTHING_SAVED, last_moment - op.index
        if op.tracks_gradients and not needs.isdisjoint([tensor.id for tensor in op.inputs]):
            known = saved_by(op, needs)
            keeps = keeping.everything(op.kind, (*op.inputs, *op.outputs)) if known is None else known
            keeping.assumed.update({op.kind: None} if op.kind in ESTIMATED or keeps_scores(op, needs) else {})
        grows = _grows(op, allocations)
        first, region = op.index, regions.get(op.checkpoint)
        if region is not None:
            first = last_moment - region.last  # when the region is computed again
            for allocation in keeping.again(keeps.tensors, region):
                timeline.add(first, moment, allocation.num_bytes, varies=allocation.varies)
            keeping.keep(SavedTensors(region.inputs_of(op)), first, grows=grows)
        else:
            keeping.keep(keeps, moment, grows=grows)
        if keeps.num_bytes:
            timeline.add(first, moment, keeps.num_bytes, varies=grows)
    for storage, allocation in allocations.items():
        timeline.add(max(allocation.first, 0), until[storage], allocation.num_bytes, varies=allocation.varies)
    add_gradients(graph, needs, allocations, timeline, accumulates=accumulates)
    kept = Level(keeping.growing, sum(keeping.per_op) - keeping.growing)
    return TrainingMemory(
        levels=timeline.levels(), per_op_saved=tuple(keeping.per_op), kept=kept, assumed=tuple(keeping.assumed)
    )


def _grows(op: Op, allocations: dict[int, Allocation]) -> bool:
    """Return True if what an op makes for its backward pass grows with the batch."""
    made = allocations.get(op.output.storage) if op.outputs else None
    # A batch norm keeps two numbers a channel, however many images there are.
    return made is not None and made.varies and op.kind != "batch_norm"


@dataclass(slots=True, eq=False)
class _Region:
    """Ops of a checkpoint: the index of the last, and the storages that they make."""

    last: int = 0
    made: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)

    def inputs_of(self, op: Op) -> tuple[Tensor, ...]:
        """Return what an op reads from outside, which is kept."""
        return tuple([tensor for tensor in op.inputs if tensor.storage not in self.made])


def _regions(graph: Graph) -> dict[int, _Region]:
    regions: dict[int, _Region] = {}
    before: set[int] = set()  # constants that were read already
    for op in graph.ops:
        constants = {tensor.storage for tensor in op.inputs if tensor.role == "constant"}
        if op.checkpoint:
            region = regions.setdefault(op.checkpoint, _Region())
            region.last = op.index
            region.made.update([tensor.storage for tensor in op.outputs if not tensor.is_alias])
            # A constant that is first read here was made here (states of a recurrent layer, a mask).
            region.made.update(constants - before)
        before |= constants
    return regions


class _SavedSoFar:
    """Memory that was kept so far: bytes by op, each storage counted at the first op that keeps it."""

    def __init__(self, allocations: dict[int, Allocation], until: dict[int, int]) -> None:
        self.per_op: list[int] = []
        self.growing = 0  # bytes of them all that grow with the batch
        self.assumed: dict[str, None] = {}
        self._spans, self._until = allocations, until
        self._saved: set[int] = set()

    def everything(self, kind: str, tensors: tuple[Tensor, ...]) -> SavedTensors:
        self.assumed[kind] = None
        return SavedTensors(tensors)

    def again(self, tensors: tuple[Tensor, ...], region: _Region) -> Iterator[Allocation]:
        """The memory of tensors that a region has when it is computed again, each once."""
        for storage in dict.fromkeys(tensor.storage for tensor in tensors):
            if storage in region.made and storage not in region.again:
                region.again.add(storage)
                yield self._spans[storage]

    def keep(self, keeps: SavedTensors, moment: int, *, grows: bool) -> None:
        num_bytes = keeps.num_bytes
        self.growing += num_bytes if grows else 0
        for tensor in keeps.tensors:
            storage = tensor.storage
            if storage not in self._spans:
                continue  # a parameter or a buffer
            if storage not in self._saved:
                self._saved.add(storage)
                allocation = self._spans[storage]
                num_bytes += allocation.num_bytes
                self.growing += allocation.num_bytes if allocation.varies else 0
            self._until[storage] = max(self._until[storage], moment)
        self.per_op.append(num_bytes)
