"""Measured latency of a network and of each of its modules on a device, with its spread."""

import copy
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import ConvwrightError, require_at_least, require_choice
from ..graph.trace import surroundings_of

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_WARM_UP = 3
_MIN_REPEATS, _MAX_REPEATS = 7, 200


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Repeated timings of one forward pass.

    Attributes
    ----------
    batch_size : int
        Images in a pass.
    precision : str
        Of weights and activations, a name of `PRECISIONS`.
    compiled : bool
        Whether through `torch.compile`.
    device : str
        Where it ran.
    seconds : tuple of float
        Every repeat, in the order measured, warm-up left out.
    """

    batch_size: int
    precision: str
    compiled: bool
    device: str
    seconds: tuple[float, ...]

    @property
    def median_seconds(self) -> float:
        """Half of the repeats took less."""
        return statistics.median(self.seconds)

    @property
    def spread_seconds(self) -> tuple[float, float]:
        """The repeats that a tenth were faster than, and a tenth slower."""
        ordered = sorted(self.seconds)
        edge = len(ordered) // 10
        return ordered[edge], ordered[-1 - edge]

    @property
    def images_per_second(self) -> float:
        """Throughput at the median."""
        return self.batch_size / self.median_seconds

    def to_dict(self) -> dict[str, Any]:
        """Return what was measured, as plain values."""
        low, high = self.spread_seconds
        return {
            "batch_size": self.batch_size,
            "precision": self.precision,
            "compiled": self.compiled,
            "device": self.device,
            "repeats": len(self.seconds),
            "median_seconds": self.median_seconds,
            "low_seconds": low,
            "high_seconds": high,
            "images_per_second": self.images_per_second,
        }


def measure_latency(
    model: nn.Module,
    shape: Sequence[int],
    *,
    batch_size: int = 1,
    precision: str = "fp32",
    compiled: bool = False,
    budget_seconds: float = 2.0,
) -> Latency:
    """Time forward passes of `model` in eval mode on the device it is on.

    Parameters
    ----------
    model : nn.Module
        On a device that computes; it is copied, so that nothing about it changes.
    shape : sequence of int
        Of one input, without the batch axis: (C, H, W).
    batch_size : int
        Images in a pass.
    precision : {"fp32", "bf16", "fp16"}
        Weights and input are cast to it.
    compiled : bool
        Through `torch.compile`, whose compiling is not timed.
    budget_seconds : float
        Repeat until this much time has passed; at least 7 and at most 200 times.

    Raises
    ------
    ConvwrightError
        For a model on the meta device, which computes nothing, or a precision that the device cannot run.

    Examples
    --------
    >>> found = measure_latency(nn.Conv2d(3, 8, 3), (3, 16, 16), budget_seconds=0.01)
    >>> len(found.seconds) >= 7, found.median_seconds > 0
    (True, True)
    """
    require_at_least("batch_size", batch_size, 1)
    require_choice("precision", precision, PRECISIONS)
    run, device = _runner(model, (batch_size, *shape), PRECISIONS[precision], compiled=compiled)
    try:
        with surroundings_of(model):
            seconds = repeated(run, budget_seconds)
    except RuntimeError as error:
        reason = str(error).strip().partition("\n")[0]
        what = f"{device} cannot run this model in {precision} at batch {batch_size}"
        raise ConvwrightError(f"{what}: {reason}") from error
    where = device_name(device)
    return Latency(batch_size=batch_size, precision=precision, compiled=compiled, device=where, seconds=seconds)


def repeated(run: Callable[[], object], budget_seconds: float) -> tuple[float, ...]:
    """Seconds that each call takes, after a warm-up, until so much time has passed; at least 7 and at most 200."""
    for _ in range(_WARM_UP):
        run()
    seconds: list[float] = []
    while len(seconds) < _MIN_REPEATS or (sum(seconds) < budget_seconds and len(seconds) < _MAX_REPEATS):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return tuple(seconds)


def measure_modules(
    model: nn.Module, shape: Sequence[int], *, batch_size: int = 1, repeats: int = 10
) -> dict[str, float]:
    """Median seconds that each leaf module takes in a forward pass, by path; "" holds what runs outside of them.

    A module called several times counts all its calls. Timing inside the pass costs a little itself, on a GPU a
    synchronization a module: read the shares, and take the total from `measure_latency`.
    """
    twin = copy.deepcopy(model).eval()
    device = _device(twin)
    spent: dict[str, list[float]] = defaultdict(lambda: [0.0] * repeats)
    turn = 0
    started: list[float] = []

    def enter(*_: object) -> None:
        wait(device)
        started.append(time.perf_counter())

    def leave(path: str) -> Callable[..., None]:
        def stop(*_: object) -> None:
            wait(device)
            spent[path][turn] += time.perf_counter() - started.pop()

        return stop

    for path, module in twin.named_modules():
        if next(module.children(), None) is None:
            module.register_forward_pre_hook(enter)
            module.register_forward_hook(leave(path))
    dtype = next((parameter.dtype for parameter in twin.parameters()), torch.float32)
    x = torch.randn(batch_size, *shape, device=device, dtype=dtype)
    with torch.inference_mode(), surroundings_of(model):
        twin(x)
        spent.clear()
        total = []
        for repeat in range(repeats):
            turn = repeat
            start = time.perf_counter()
            twin(x)
            wait(device)
            total.append(time.perf_counter() - start)
    medians = {path: statistics.median(times) for path, times in spent.items() if path}
    return medians | {"": max(statistics.median(total) - sum(medians.values()), 0.0)}


def device_name(device: torch.device) -> str:
    """Return what runs there: the GPU's name, or the CPU with its threads."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{device.type}, {torch.get_num_threads()} threads" if device.type == "cpu" else device.type


def _runner(
    model: nn.Module, shape: tuple[int, ...], dtype: torch.dtype, *, compiled: bool
) -> tuple[Callable[[], None], torch.device]:
    if _device(model).type == "meta":
        raise ConvwrightError("latency of a model on the meta device", hint="build it on the CPU or a GPU")
    twin = copy.deepcopy(model).eval().to(dtype)
    device = _device(twin)
    x = torch.randn(shape, device=device, dtype=dtype)
    if len(shape) == 4:  # what oneDNN and cuDNN run fastest
        x, twin = x.to(memory_format=torch.channels_last), twin.to(memory_format=torch.channels_last)
    called: Callable[[Tensor], object] = torch.compile(twin) if compiled else twin

    def run() -> None:
        with torch.inference_mode():
            called(x)
        wait(device)

    return run, device


def wait(device: torch.device) -> None:
    """Wait until a device has computed all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _device(model: nn.Module) -> torch.device:
    return next((p.device for p in model.parameters()), torch.device("cpu"))
