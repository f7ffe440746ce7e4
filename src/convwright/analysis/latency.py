"""Measured latency of a network on a device, with its spread."""

import copy
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ..errors import ConvwrightError, require_at_least, require_choice
from ..graph.trace import surroundings_of
from ..units import number_of
from .pass_inputs import TimedInputs, input_shapes, pass_arguments

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
WARM_UP = 3
_MIN_REPEATS, _MAX_REPEATS = 7, 200


@dataclass(frozen=True, kw_only=True)
class TimedPass:
    """A forward pass that was timed.

    Attributes
    ----------
    batch_size : int
        Number of images in a pass.
    precision : str
        Precision of weights and activations, a name of `PRECISIONS`.
    """

    batch_size: int
    precision: str


@dataclass(frozen=True, kw_only=True)
class Latency(TimedPass):
    """Repeated timings of one forward pass.

    Attributes
    ----------
    compiled : bool
        True if it ran through `torch.compile`.
    channels_last : bool
        True: weights and input were put into channels-last memory; False: they were as the model has them.
    device : str
        Name of the device that ran it.
    seconds : tuple of float
        Every repeat, in the order measured, warm-up left out.
    """

    compiled: bool
    device: str
    seconds: tuple[float, ...]
    channels_last: bool = False

    @property
    def median_seconds(self) -> float:
        """Half of the repeats took less."""
        return statistics.median(self.seconds)

    @property
    def spread_seconds(self) -> tuple[float, float]:
        """The repeats that a tenth were faster than, and a tenth slower."""
        return spread(self.seconds)

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
            "channels_last": self.channels_last,
            "device": self.device,
            "repeats": len(self.seconds),
            "median_seconds": self.median_seconds,
            "low_seconds": low,
            "high_seconds": high,
            "images_per_second": self.images_per_second,
        }


def spread(seconds: Sequence[float]) -> tuple[float, float]:
    """Return the repeats that a tenth were faster than, and a tenth slower.

    >>> spread(range(20))
    (2, 17)
    """
    ordered = sorted(seconds)
    edge = len(ordered) // 10
    return ordered[edge], ordered[-1 - edge]


def measure_latency(
    model: nn.Module,
    inputs: TimedInputs,
    *,
    batch_size: int = 1,
    precision: str = "fp32",
    compiled: bool = False,
    budget_seconds: float = 2.0,
) -> Latency:
    """Time forward passes of `model` in eval mode on the device it is on, its weights and input as they lie in memory.

    Parameters
    ----------
    model : nn.Module
        On a device that computes; it is copied, so that nothing about it changes.
    inputs : sequence of int or Graph
        The shape of one input without the batch axis, (C, H, W); or the traced network, with all that it takes.
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
    return _measured(model, inputs, batch_size, precision, (False,), compiled=compiled, budget_seconds=budget_seconds)[
        0
    ]


def measure_layouts(
    model: nn.Module,
    inputs: TimedInputs,
    *,
    batch_size: int = 1,
    precision: str = "fp32",
    budget_seconds: float = 2.0,
) -> tuple[Latency, ...]:
    """Time a network as `measure_latency` does, and in channels-last memory if it takes an image.

    The repeats of both take turns, so that what else the machine does meets both; `budget_seconds` is for both.
    """
    shapes = input_shapes(inputs, batch_size)
    layouts = (False, True) if any(len(shape) == 4 and dtype is None for shape, dtype in shapes) else (False,)
    return _measured(model, inputs, batch_size, precision, layouts, compiled=False, budget_seconds=budget_seconds)


def _measured(
    model: nn.Module,
    inputs: TimedInputs,
    batch_size: int,
    precision: str,
    layouts: Sequence[bool],
    *,
    compiled: bool,
    budget_seconds: float,
) -> tuple[Latency, ...]:
    require_choice("precision", precision, PRECISIONS)
    device = device_of(model)
    if device.type == "meta":
        raise ConvwrightError("latency of a model on the meta device", hint="build it on the CPU or a GPU")
    try:
        dtype = PRECISIONS[precision]
        runs = [_runner(model, inputs, batch_size, dtype, compiled=compiled, channels_last=each) for each in layouts]
        with surroundings_of(model):
            timings = taking_turns(runs, budget_seconds)
    except (RuntimeError, IndexError, TypeError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        what = f"{device} cannot run this model in {precision} at batch {batch_size}"
        raise ConvwrightError(f"{what}: {reason}") from error
    return tuple(
        Latency(
            batch_size=batch_size,
            precision=precision,
            compiled=compiled,
            channels_last=each,
            device=device_name(device),
            seconds=seconds,
        )
        for each, seconds in zip(layouts, timings, strict=True)
    )


def repeated(run: Callable[[], object], budget_seconds: float) -> tuple[float, ...]:
    """Seconds that each call takes, after a warm-up, until so much time has passed; at least 7 and at most 200."""
    return taking_turns([run], budget_seconds)[0]


def taking_turns(runs: Sequence[Callable[[], object]], budget_seconds: float) -> list[tuple[float, ...]]:
    """Seconds of each call of each of `runs`, called in turns; as `repeated`, with one budget for all of them."""
    for run in runs:
        for _ in range(WARM_UP):
            run()
    rounds: list[list[float]] = []
    spent = 0.0
    while len(rounds) < _MIN_REPEATS or (spent < budget_seconds and len(rounds) < _MAX_REPEATS):
        rounds.append([])
        for run in runs:
            start = time.perf_counter()
            run()
            rounds[-1].append(time.perf_counter() - start)
        spent += sum(rounds[-1])
    return list(zip(*rounds, strict=True))


@contextmanager
def threads_used(number: int | None) -> Iterator[None]:
    """While active, torch computes with this many threads on the CPU; None leaves their number as it is."""
    before = torch.get_num_threads()
    if number is not None:
        torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def device_name(device: torch.device) -> str:
    """Return what runs there: the GPU's name, or the CPU with its threads."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{device.type}, {number_of(torch.get_num_threads(), 'thread')}" if device.type == "cpu" else device.type


def _runner(
    model: nn.Module,
    inputs: TimedInputs,
    batch_size: int,
    dtype: torch.dtype,
    *,
    compiled: bool,
    channels_last: bool,
) -> Callable[[], None]:
    twin = copy.deepcopy(model).eval().to(dtype)
    device = device_of(twin)
    arguments, named = pass_arguments(inputs, batch_size, dtype, device, channels_last=channels_last)
    if channels_last:
        twin = twin.to(memory_format=torch.channels_last)
    called: Callable[..., object] = torch.compile(twin) if compiled else twin

    def run() -> None:
        with torch.inference_mode():
            called(*arguments, **named)
        wait(device)

    return run


def wait(device: torch.device) -> None:
    """Wait until a device has computed all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def device_of(model: nn.Module) -> torch.device:
    """Return the device of the first parameter; the CPU for a model without any."""
    return next((p.device for p in model.parameters()), torch.device("cpu"))
