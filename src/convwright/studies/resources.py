"""Resources that a worker asks of a cluster: cores, memory by the analyzer, and a GPU or a share of one."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from torch import nn

from .. import units
from ..analysis.memory import measure_memory
from ..errors import ConvwrightError
from ..graph import trace
from ..training import Recipe
from .plan import Plan

# Measured on a CPU, in seven runs of five studies: where the analyzer says x, a run holds at most 0.9 to 1.1 GiB and
# 1.3 to 1.5 times x. The first is Python, torch and an evaluation, the second has what malloc keeps.
_PROCESS_BYTES = 5 * 2**28
_FACTOR = 2

Machine = Mapping[str, float]
"""Resources of a machine as Ray reports them: CPU, GPU and memory, the last in bytes."""


@dataclass(frozen=True, kw_only=True)
class WorkerResources:
    """Resources that one worker needs, whichever of the jobs it runs.

    Attributes
    ----------
    num_cpus : int
        Cores.
    memory_bytes : int
        Memory of the machine.
    num_gpus : float
        1 divided by how many share a GPU; 0 where none is used.
    """

    num_cpus: int
    memory_bytes: int
    num_gpus: float

    def __str__(self) -> str:
        gpus = f", {self.num_gpus:.2g} GPU" if self.num_gpus else ""
        return f"{self.num_cpus} CPU, {units.bytes_(self.memory_bytes)} of memory{gpus}"

    @classmethod
    def of(cls, machine: Machine) -> Self:
        """Return everything that a machine has."""
        cpus, memory, gpus = (machine.get(name, 0) for name in ("CPU", "memory", "GPU"))
        return cls(num_cpus=int(cpus), memory_bytes=int(memory), num_gpus=gpus)

    def fit(self, machine: Machine) -> bool:
        """Return True if a machine that does nothing else has as much."""
        wanted = {"CPU": self.num_cpus, "memory": self.memory_bytes, "GPU": self.num_gpus}
        return all(machine.get(name, 0) >= number for name, number in wanted.items())


def resources_for(
    plan: Plan, machines: Sequence[Machine], *, workers: int | None, num_open: int, device: str
) -> WorkerResources:
    """Return what each worker asks of a cluster of `machines`.

    As many cores as every worker can have that finds a job at once; a GPU, where there are any and `device` allows it,
    or the share of one that lets so many `workers` in; and the memory that the largest run takes.

    Parameters
    ----------
    workers : int or None
        Number of workers; None for as many as the cluster has room for.
    num_open : int
        Number of jobs that are not done.

    Raises
    ------
    ConvwrightError
        When no machine has as much.
    """
    on_gpu = device == "cuda" or (device == "auto" and any(machine.get("GPU", 0) for machine in machines))
    num_gpus = int(sum(machine.get("GPU", 0) for machine in machines))
    at_once = min(workers or num_open, num_open)
    sharing = math.ceil(at_once / max(num_gpus, 1)) if workers else 1
    if on_gpu:
        at_once = min(at_once, num_gpus * sharing)
    cores = [int(machine.get("CPU", 0)) for machine in machines if machine.get("GPU", 0) or not on_gpu]
    fair = [each for each in range(1, max(cores, default=0) + 1) if sum(has // each for has in cores) >= at_once]
    wanted = WorkerResources(
        num_cpus=max(fair, default=1),
        memory_bytes=_PROCESS_BYTES + _FACTOR * _largest_run(plan),
        num_gpus=1 / sharing if on_gpu else 0,
    )
    if not any(wanted.fit(machine) for machine in machines):
        got = "; ".join(sorted({str(WorkerResources.of(machine)) for machine in machines}))
        hint = "a smaller batch_size, or accumulation, needs less memory"
        raise ConvwrightError("the Ray cluster", expected=f"a machine with {wanted}", got=got or "none", hint=hint)
    return wanted


def training_bytes(model: nn.Module, recipe: Recipe, image_shape: tuple[int, ...]) -> int:
    """Memory of a training step by the analyzer: weights, gradients, activations in fp32, state, average.

    Examples
    --------
    >>> net = nn.Sequential(nn.Flatten(), nn.Linear(1000, 10))  # weights, gradients, momentum: 40,040 bytes each
    >>> training_bytes(net, Recipe(epochs=1, batch_size=1), (1, 10, 100)) - 3 * 40_040  # the image, 10 outputs twice
    4080
    """
    memory = measure_memory(trace(model.train(), (recipe.batch_size // recipe.accumulation, *image_shape)))
    average = memory.weight_bytes if recipe.ema else 0
    return memory.peak_training_bytes + memory.optimizer_bytes(recipe.optimizer.state) + average


def _largest_run(plan: Plan) -> int:
    most = 0
    for job in {job.arm.name: job for job in plan.jobs}.values():
        with suppress(ConvwrightError):  # it cannot be trained, and its run will say so
            most = max(most, training_bytes(plan.build(job.arm), job.recipe, tuple(plan.facts["image_shape"])))
    return most
