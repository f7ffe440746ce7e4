"""Bytes a network needs: weights, gradients, optimizer state, activations; and the largest batch that fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from convwright.errors import require_choice
from convwright.graph import Graph

from .batch_memory import BatchMemory
from .fields.image import batch_size
from .lifetimes import Allocation, lifetimes
from .temporary_memory import temporary_bytes
from .timeline import Level, Timeline, frontier, highest
from .training_graph import per_op_of
from .training_memory import training_memory

# Numbers that each optimizer of `torch.optim` keeps for every trainable one.
OPTIMIZERS: Mapping[str, int] = {
    "sgd": 0,
    "sgd_momentum": 1,
    "rmsprop": 1,
    "adagrad": 1,
    "adam": 2,
    "adamw": 2,
}


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Memory of a network at the traced batch size.

    Every peak is that of a first step on an empty device, without what depends on the device: workspaces of
    convolution algorithms, rounding of the allocator, the runtime itself.

    Attributes
    ----------
    batch_size : int
        Images in the traced call, which `largest_batch` scales from.
    weight_bytes : int
        Parameters and buffers.
    gradient_bytes : int
        One gradient for each trainable parameter.
    activation_bytes : int
        What autograd keeps between forward and backward, weights aside: each piece of memory once, the input
        included.
    peak_activation_bytes : int
        The most memory that inputs, results and scratch take at once during inference.
    peak_inference_bytes : int
        `weight_bytes` + `peak_activation_bytes`.
    peak_training_bytes : int
        `weight_bytes` + the most that inputs, results, kept activations, their gradients on the way, and the
        gradients of parameters done so far take at once in one forward and backward pass (or all parameter gradients,
        at the optimizer's step). State of the optimizer comes on top; see `optimizer_bytes`.
    peak_op : int or None
        Index of the op during which inference needs the most; None for a network without ops.
    training_peak_op, training_peak_phase : int or None, str
        The same of a training step, and whether it was in its "forward" or "backward".
    per_op_live : tuple of int
        Inference memory during each op, weights aside.
    per_op_saved : tuple of int
        Bytes each op is the first to keep for backward; they and what ops of train mode alone keep add up to
        `activation_bytes`.
    assumed : tuple of str
        Kinds of ops of which the training memory is an estimate. Those that no rule knows are counted as keeping all
        they read and make; an LSTM as torch's own loop does, where libraries keep several times as much.
    per_training_op_saved : tuple of int
        The same for each op of `training`; they add up to `activation_bytes`.
    training : Graph
        The graph of train mode, of whose ops `training_peak_op` is one.
    not_traced : str
        Why train mode could not be traced: the facts of training are then those of eval mode. "" if it could.
    """

    batch_size: int
    weight_bytes: int
    gradient_bytes: int
    activation_bytes: int
    peak_op: int | None
    training_peak_op: int | None
    training_peak_phase: str
    per_op_live: tuple[int, ...]
    per_op_saved: tuple[int, ...]
    per_training_op_saved: tuple[int, ...]
    assumed: tuple[str, ...]
    training: Graph = field(repr=False)
    not_traced: str = ""
    _inference: tuple[Level, ...] = field(repr=False)
    _training: tuple[Level, ...] = field(repr=False)

    @property
    def peak_activation_bytes(self) -> int:
        """The most that activations take at once during inference."""
        return max(level.total for level in self._inference)

    @property
    def peak_inference_bytes(self) -> int:
        """Weights and activations at the peak of inference."""
        return self.weight_bytes + self.peak_activation_bytes

    @property
    def peak_training_bytes(self) -> int:
        """All but the optimizer's state at the peak of a training step."""
        return self.weight_bytes + max(level.total for level in self._training)

    def optimizer_bytes(self, optimizer: str) -> int:
        """State that `optimizer`, a name of `OPTIMIZERS`, keeps between steps.

        Raises
        ------
        ConvwrightError
            For a name that is not in the table.
        """
        require_choice("optimizer", optimizer, OPTIMIZERS)
        return OPTIMIZERS[optimizer] * self.gradient_bytes

    def largest_batch(self, budget_bytes: int, *, training: bool = True, optimizer: str = "sgd_momentum") -> int:
        """The largest batch for which a step stays within `budget_bytes`; 0 when not even one image fits.

        Memory is linear in the batch: what is computed from the input grows with it, all else stays.

        Raises
        ------
        ConvwrightError
            For an unknown optimizer, or a network in which nothing depends on the input.

        Examples
        --------
        >>> from torch import nn
        >>> from convwright.graph import trace
        >>> facts = measure_memory(trace(nn.Linear(1000, 10), (1, 1000)))
        >>> facts.largest_batch(10**6, training=False)
        237
        """
        return self.by_batch(training=training, optimizer=optimizer).largest_batch(budget_bytes)

    def by_batch(self, *, training: bool = True, optimizer: str = "sgd_momentum") -> BatchMemory:
        """The peak of a step for any batch, state of the optimizer included.

        Raises
        ------
        ConvwrightError
            For an unknown optimizer.
        """
        return BatchMemory(
            traced_batch=self.batch_size,
            constant_bytes=self.weight_bytes + (self.optimizer_bytes(optimizer) if training else 0),
            levels=self._training if training else self._inference,
        )

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain values."""
        return {
            "batch_size": self.batch_size,
            "weight_bytes": self.weight_bytes,
            "gradient_bytes": self.gradient_bytes,
            "activation_bytes": self.activation_bytes,
            "peak_activation_bytes": self.peak_activation_bytes,
            "peak_inference_bytes": self.peak_inference_bytes,
            "peak_training_bytes": self.peak_training_bytes,
            "peak_op": self.peak_op,
            "training_peak_op": self.training_peak_op,
            "training_peak_phase": self.training_peak_phase,
            "per_op_live": list(self.per_op_live),
            "per_op_saved": list(self.per_op_saved),
            "assumed": list(self.assumed),
            "not_traced": self.not_traced,
        }


def measure_memory(graph: Graph, training: Graph | None = None, *, not_traced: str = "") -> Memory:
    """Memory of a traced network, in inference and in training.

    Parameters
    ----------
    training : Graph, optional
        Of the same call in train mode, where that differs (auxiliary heads, dropout); `graph` if left out.
    not_traced : str
        Why there is no such graph.

    Examples
    --------
    >>> from torch import nn
    >>> from convwright.graph import trace
    >>> facts = measure_memory(trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (1, 3, 10, 10)))
    >>> facts.weight_bytes, facts.peak_activation_bytes  # input 1200 B, two maps of 2048 B
    (896, 5296)
    >>> facts.per_op_saved  # the convolution keeps its input, ReLU its result
    (1200, 2048)
    """
    allocations = lifetimes(graph)
    live = _inference_levels(graph, allocations)
    training = training or graph
    step = training_memory(training, allocations if training is graph else lifetimes(training))
    sizes = [row.nbytes for row in graph.parameters.values()]
    gradient_bytes = sum(compress(sizes, [row.trainable for row in graph.parameters.values()]))
    peak_op, peak_phase = _training_peak(step.levels)
    return Memory(
        batch_size=batch_size(graph),
        weight_bytes=sum(sizes) + sum([row.nbytes for row in graph.buffers.values()]),
        gradient_bytes=gradient_bytes,
        activation_bytes=sum(step.per_op_saved),
        peak_op=highest(live) if graph.ops else None,
        training_peak_op=peak_op if training.ops else None,
        training_peak_phase=peak_phase,
        per_op_live=tuple([varying + fixed for varying, fixed in live][: len(graph.ops)]),
        per_op_saved=per_op_of(graph, training, step.per_op_saved),
        per_training_op_saved=step.per_op_saved,
        assumed=step.assumed,
        training=training,
        not_traced=not_traced,
        _inference=frontier(live),
        # At the optimizer's step every gradient is there, whatever the batch.
        _training=frontier([*step.levels, Level(0, gradient_bytes)]),
    )


def _training_peak(levels: Sequence[tuple[int, int]]) -> tuple[int, str]:
    """Return the op and the phase in which a step needs the most; half of the moments are forward."""
    moment, num_ops = highest(levels), len(levels) // 2
    return (moment, "forward") if moment < num_ops else (2 * num_ops - 1 - moment, "backward")


def _inference_levels(graph: Graph, allocations: dict[int, Allocation]) -> list[tuple[int, int]]:
    num_moments = max(len(graph.ops), 1)
    timeline = Timeline.empty(num_moments)
    for allocation in allocations.values():
        first, last = max(allocation.first, 0), min(allocation.last, num_moments - 1)
        timeline.add(first, last, allocation.num_bytes, varies=allocation.varies)
    for op in graph.ops:
        num_bytes = temporary_bytes(op)
        if num_bytes:
            timeline.add(op.index, op.index, num_bytes, varies=True)
    return timeline.levels()
