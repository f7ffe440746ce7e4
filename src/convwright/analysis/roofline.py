"""Roofline of a network: the MACs of its ops against the bytes they move, which shows why few MACs can be slow.

Source: Williams et al. 2009, "Roofline: an insightful visual performance model for multicore architectures".
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from ..graph import Graph, Op
from .latency import repeated, wait


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Best that a device can do, measured.

    Attributes
    ----------
    macs_per_second : float
        Of a large matrix product in float32.
    bytes_per_second : float
        Read and written by a large copy.
    """

    macs_per_second: float
    bytes_per_second: float


@dataclass(frozen=True, kw_only=True)
class Roofline:
    """A network on a machine.

    Attributes
    ----------
    macs, bytes_moved : int
        Of all ops together; every op reads its inputs and writes its outputs once.
    compute_seconds, movement_seconds : float
        What the MACs alone and the bytes alone would take at the machine's best.
    bound_seconds : float
        The same op by op, each taking the longer of its two: no run can be faster, unless ops are fused.
    memory_bound_share : float
        The share of `bound_seconds` in ops that move longer than they compute.
    """

    macs: int
    bytes_moved: int
    compute_seconds: float
    movement_seconds: float
    bound_seconds: float
    memory_bound_share: float

    @property
    def macs_per_byte(self) -> float:
        """Arithmetic intensity of the whole network."""
        return self.macs / self.bytes_moved if self.bytes_moved else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain values."""
        return asdict(self) | {"macs_per_byte": self.macs_per_byte}


def bytes_moved(op: Op) -> int:
    """Bytes that `op` reads and writes, each tensor once; nothing for a view, which moves no data."""
    if op.outputs and all(t.is_alias for t in op.outputs) and not op.is_inplace:
        return 0
    return sum(tensor.nbytes for tensor in {*op.inputs, *op.outputs})


def roofline(graph: Graph, macs: Sequence[int | None], machine: Machine) -> Roofline:
    """Return the best that `machine` can do with `graph`.

    Parameters
    ----------
    macs : sequence of int or None
        Of every op, None where they are not known.
    """
    counts = [m or 0 for m in macs]
    moved = [bytes_moved(op) for op in graph]
    compute = [m / machine.macs_per_second for m in counts]
    movement = [b / machine.bytes_per_second for b in moved]
    bound = sum(map(max, compute, movement))
    waiting = sum(b for c, b in zip(compute, movement, strict=True) if b > c)
    return Roofline(
        macs=sum(counts),
        bytes_moved=sum(moved),
        compute_seconds=sum(compute),
        movement_seconds=sum(movement),
        bound_seconds=bound,
        memory_bound_share=waiting / bound if bound else 0.0,
    )


def measure_machine(device: torch.device | str = "cpu") -> Machine:
    """The best matrix product and the best copy of a device, in under a second.

    The figures are those of torch's own kernels with the threads it may use, medians of several repeats.
    """
    size, elements = 1024, 32 * 2**20
    a, b = torch.rand(size, size, device=device), torch.rand(size, size, device=device)
    source, target = torch.zeros(elements, device=device), torch.zeros(elements, device=device)

    def median_seconds(run: Callable[[], object]) -> float:
        def finish() -> None:
            run()
            wait(a.device)

        return statistics.median(repeated(finish, budget_seconds=0))

    product, copy = median_seconds(lambda: torch.mm(a, b)), median_seconds(lambda: target.copy_(source))
    return Machine(macs_per_second=size**3 / product, bytes_per_second=2 * source.nbytes / copy)
