"""Does a network fit: the largest batch within a budget of memory, and what changes to training make of it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

from convwright.errors import require_at_least
from convwright.graph import Graph
from convwright.units import parse_bytes

from .autocast import HIGH, autocast_graph
from .batch_memory import BatchMemory
from .checkpointing import Segment, checkpointed, segment_levels
from .lifetimes import lifetimes
from .macs import count_macs
from .memory import OPTIMIZERS, Memory
from .timeline import Level, frontier
from .training_memory import training_memory

_TELLING = 0.05  # of the memory that checkpoints must spare to be listed


@dataclass(frozen=True, kw_only=True)
class TrainingSetup:
    """A way to train.

    Attributes
    ----------
    optimizer : str
        One of `OPTIMIZERS`.
    precision : str
        "as built", or "bf16": `torch.autocast` to bfloat16 by CUDA's lists; weights, their gradients and the
        optimizer's state stay in float32.
    checkpointed : tuple of str
        Paths of the modules in `torch.utils.checkpoint`, each call in its own.
    micro_batches : int
        Passes forward and backward whose gradients are added up before the optimizer's step.
    """

    optimizer: str
    precision: str = "as built"
    checkpointed: tuple[str, ...] = ()
    micro_batches: int = 1


@dataclass(frozen=True, kw_only=True)
class SetupMemory:
    """Memory of a way to train, for a batch.

    Attributes
    ----------
    setup : TrainingSetup
        The way.
    batch : int
        Images for each step of the optimizer; `micro_batch` of them at once.
    kept_bytes : int
        Activations kept for the backward pass.
    peak_bytes : int
        The most that a step takes at once, weights, gradients and state of the optimizer included.
    largest_batch : int
        Most images at once within the budget.
    fits : bool
        True if the peak is within the budget.
    repeated : float
        Share of the MACs of the forward pass that are computed twice.
    """

    setup: TrainingSetup
    batch: int
    micro_batch: int
    kept_bytes: int
    peak_bytes: int
    largest_batch: int
    fits: bool
    repeated: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The setup and its figures as plain values."""
        plain = asdict(self)
        setup = plain.pop("setup")
        return {**setup, "checkpointed": list(self.setup.checkpointed), **plain}


@dataclass(frozen=True, kw_only=True)
class MemoryFit:
    """Answer to the question whether a network fits into a budget of memory.

    Attributes
    ----------
    budget_bytes : int
        The budget.
    batch : int or None
        The batch that was asked for.
    inference_batch : int
        Largest batch of inference.
    inference_bytes : int or None
        Peak of inference with `batch`.
    training : SetupMemory
        Training as it is: with the batch that was asked for, else the largest one (one image if that does not fit).
    changes : tuple of SetupMemory
        The same with one change each: accumulation, bf16, checkpoints at each depth of the module tree, a lighter
        optimizer where that decides. Where no single change makes the batch fit, the last has several of them.
    """

    budget_bytes: int
    batch: int | None
    inference_batch: int
    inference_bytes: int | None
    training: SetupMemory
    changes: tuple[SetupMemory, ...]

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain values."""
        return {
            "budget_bytes": self.budget_bytes,
            "batch": self.batch,
            "inference_batch": self.inference_batch,
            "inference_bytes": self.inference_bytes,
            "training": self.training.to_dict(),
            "changes": [change.to_dict() for change in self.changes],
        }


def fit_memory(
    memory: Memory, budget: int | str, *, batch: int | None = None, optimizer: str = "sgd_momentum"
) -> MemoryFit:
    """Find the largest batch within a budget, and what changes to training make of it.

    Parameters
    ----------
    budget : int or str
        Bytes, or a size such as "2GiB".
    batch : int, optional
        The batch to train with.
    optimizer : str
        One of `OPTIMIZERS`, whose state counts.

    Raises
    ------
    ConvwrightError
        For a budget that is no size, a batch below 1, an unknown optimizer, or a network of which nothing depends on
        the input.

    Examples
    --------
    >>> from torch import nn
    >>> from convwright.analysis.memory import measure_memory
    >>> from convwright.graph import trace
    >>> found = fit_memory(measure_memory(trace(nn.Linear(1000, 10), (1, 1000))), "1MB", batch=400, optimizer="adam")
    >>> found.training.largest_batch, found.training.fits, found.changes[0].setup.micro_batches
    (205, False, 4)
    """
    if batch is not None:
        require_at_least("batch", batch, 1)
    budget_bytes = parse_bytes(budget) if isinstance(budget, str) else budget
    inference = memory.by_batch(training=False)
    search = _Search(memory, budget_bytes, batch)
    asked = search.memory_of(TrainingSetup(optimizer=optimizer))
    changes = list(search.changes(asked))
    if not any(each.fits for each in (asked, *changes)):
        changes += search.together(asked, changes)
    return MemoryFit(
        budget_bytes=budget_bytes,
        batch=batch,
        inference_batch=inference.largest_batch(budget_bytes),
        inference_bytes=None if batch is None else inference.peak_bytes(batch),
        training=asked,
        changes=tuple(changes),
    )


class _Search:
    """Measures ways to train with one batch, each from the graph of train mode."""

    def __init__(self, memory: Memory, budget_bytes: int, batch: int | None) -> None:
        self._memory, self._budget, self._batch = memory, budget_bytes, batch
        self._levels = segment_levels(memory.training)
        self._has_high = any(tensor.dtype is HIGH for op in memory.training.ops for tensor in op.outputs)
        self._macs = [cost.macs if cost else 0 for cost in count_macs(memory.training).per_op]

    def changes(self, asked: SetupMemory) -> Iterator[SetupMemory]:
        """Yield the memory with one change each."""
        setup = asked.setup
        if self._divides(asked):
            yield self.memory_of(setup, accumulates=True)
        if self._has_high:
            yield self.memory_of(replace(setup, precision="bf16"))
        yield from self._with_checkpoints(asked)
        yield from self._lighter(asked)

    def together(self, asked: SetupMemory, changes: Sequence[SetupMemory]) -> Iterator[SetupMemory]:
        """Yield the memory with the fewest changes together that suffice; if none do, with all of them."""
        setup = asked.setup
        segmented = [change for change in changes if change.setup.checkpointed]
        segments = min(segmented, key=lambda row: row.peak_bytes).setup.checkpointed if segmented else ()
        others: list[dict[str, Any]] = [{"precision": "bf16"}] if self._has_high else []
        others += [{"checkpointed": segments}] if segments else []
        others += [{"optimizer": "sgd"}] if OPTIMIZERS[setup.optimizer] else []
        found = None
        for number in range(2, 2 + len(others)):
            for accumulates in (True, False) if self._divides(asked) else (False,):
                for chosen in combinations(others, number - accumulates):
                    way = replace(setup, **{name: value for each in chosen for name, value in each.items()})
                    found = self.memory_of(way, accumulates=accumulates)
                    if found.fits:
                        yield found
                        return
        if found:
            yield found

    def memory_of(self, setup: TrainingSetup, *, accumulates: bool = False) -> SetupMemory:
        """Return the memory of a way to train; where gradients accumulate, in as few passes as fit."""
        graph, repeated = self._memory.training, 0.0
        if setup.checkpointed:
            segments = [row for level in self._levels for row in level if row.path in setup.checkpointed]
            graph = checkpointed(graph, segments)
            again = sum(sum(self._macs[row.first : row.behind]) for row in segments)
            repeated = again / max(sum(self._macs), 1)
        step, kept = self._step(graph if setup.precision != "bf16" else autocast_graph(graph), setup, accumulates)
        largest = step.largest_batch(self._budget)
        batch = self._batch or max(largest, 1) * (1 + accumulates)
        passes = _passes(batch, largest) if accumulates else 1
        peak = step.peak_bytes(batch // passes)
        return SetupMemory(
            setup=replace(setup, micro_batches=passes),
            batch=batch,
            micro_batch=batch // passes,
            kept_bytes=kept.at(batch // passes, step.traced_batch),
            peak_bytes=peak,
            largest_batch=largest,
            fits=peak <= self._budget,
            repeated=repeated,
        )

    def _step(self, graph: Graph, setup: TrainingSetup, accumulates: bool) -> tuple[BatchMemory, Level]:
        memory = self._memory
        step = training_memory(graph, lifetimes(graph), accumulates=accumulates)
        return BatchMemory(
            traced_batch=memory.batch_size,
            constant_bytes=memory.weight_bytes + memory.optimizer_bytes(setup.optimizer),
            levels=frontier([*step.levels, Level(0, memory.gradient_bytes)]),
        ), step.kept

    def _divides(self, asked: SetupMemory) -> bool:
        """Return True if there is a batch to be made in parts."""
        return self._batch > 1 if self._batch else asked.largest_batch > 0

    def _with_checkpoints(self, asked: SetupMemory) -> list[SetupMemory]:
        """Return the memory with checkpoints at each depth of the module tree, where they tell."""
        found = [self.memory_of(replace(asked.setup, checkpointed=_paths(segments))) for segments in self._levels]
        kept: list[tuple[float, SetupMemory]] = []
        for row in found:
            # By the memory of one batch, or by the batch of one memory.
            by_batch = (asked.largest_batch + 1) / (row.largest_batch + 1)
            size = row.peak_bytes / asked.peak_bytes if self._batch else by_batch
            beaten = [
                size > (1 - _TELLING) * least and row.repeated > shallower.repeated - _TELLING
                for least, shallower in kept
            ]
            if size < 1 - _TELLING and not any(beaten):
                kept = [(least, other) for least, other in kept if least < size or other.repeated < row.repeated]
                kept.append((size, row))
        return [row for _, row in kept]

    def _lighter(self, asked: SetupMemory) -> Iterator[SetupMemory]:
        """Yield the memory with an optimizer of less state, if that makes the batch fit."""
        state = OPTIMIZERS[asked.setup.optimizer]
        for name in sorted(OPTIMIZERS, key=lambda name: -OPTIMIZERS[name]):
            if OPTIMIZERS[name] < state and not asked.fits:
                found = self.memory_of(replace(asked.setup, optimizer=name))
                if found.fits:
                    yield found
                    return


def _passes(batch: int, largest: int) -> int:
    """Return the fewest equal parts of a batch that are no larger than the largest that fits."""
    return next((n for n in range(1, batch + 1) if batch % n == 0 and batch // n <= largest), batch)


def _paths(segments: Sequence[Segment]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(segment.path for segment in segments))
