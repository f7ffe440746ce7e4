"""Time that each module of a network takes by itself, measured inside of forward passes."""

import copy
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import nn

from ..graph.trace import surroundings_of
from .latency import PRECISIONS, WARM_UP, TimedPass, device_of, spread, wait
from .pass_inputs import TimedInputs, pass_arguments


@dataclass(frozen=True, kw_only=True)
class ModuleTimes(TimedPass):
    """Seconds that each module takes, of several passes.

    Attributes
    ----------
    own_seconds : mapping of str to tuple of float
        By path, for each pass: what a module takes without the modules that it calls; "" is what the model itself runs.
        In each pass they add up to the time of the pass.
    """

    own_seconds: Mapping[str, tuple[float, ...]]

    @cached_property
    def medians(self) -> dict[str, float]:
        """Seconds of each module with all that it calls, by path: sums of the medians of what each takes by itself.

        "" is the whole network. A pause of the machine meets one module in one pass and moves no median, whereas
        nearly every whole pass has one; and each level of the tree adds up to the level above.
        """
        found: dict[str, float] = defaultdict(float)
        for path, seconds in self.own_seconds.items():
            parts, own = path.split(".") if path else [], statistics.median(seconds)
            for depth in range(len(parts) + 1):
                found[".".join(parts[:depth])] += own
        return dict(found)

    def to_dict(self) -> dict[str, Any]:
        """Return medians and spreads as plain values."""
        rows = []
        for path, seconds in self.own_seconds.items():
            low, high = spread(seconds)
            own = {"own_median_seconds": statistics.median(seconds), "own_low_seconds": low, "own_high_seconds": high}
            rows.append({"path": path, "total_seconds": self.medians[path], **own})
        return {"batch_size": self.batch_size, "precision": self.precision, "modules": rows}


def measure_modules(
    model: nn.Module, inputs: TimedInputs, *, batch_size: int = 1, precision: str = "fp32", repeats: int = 10
) -> ModuleTimes:
    """Time the modules of `model` in eval mode, its weights and input as they lie in memory.

    A module called several times counts all its calls. Hooks take the time; what they take themselves is left out, on
    a GPU a synchronization for each module: read the shares, and take the total from `measure_latency`.

    Examples
    --------
    >>> found = measure_modules(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 8, 8), repeats=2)
    >>> sorted(found.own_seconds), len(found.own_seconds["0"])
    (['', '0', '1'], 2)
    """
    dtype = PRECISIONS[precision]
    twin = copy.deepcopy(model).eval().to(dtype)
    clock = _Clock(device_of(twin), repeats)
    for path, module in twin.named_modules():
        if not isinstance(module, torch.jit.ScriptModule):  # takes no hooks
            module.register_forward_pre_hook(lambda *_, path=path: clock.enter(path))
            module.register_forward_hook(lambda *_: clock.leave())
    arguments, named = pass_arguments(inputs, batch_size, dtype, clock.device)
    with torch.inference_mode(), surroundings_of(model):
        for _ in range(WARM_UP):
            twin(*arguments, **named)
        clock.spent.clear()
        for repeat in range(repeats):
            clock.repeat = repeat
            twin(*arguments, **named)
    own = {path: tuple(seconds) for path, seconds in clock.spent.items()}
    return ModuleTimes(batch_size=batch_size, precision=precision, own_seconds=own)


class _Clock:
    """The modules that run now, and what those that ended took without the ones inside them."""

    def __init__(self, device: torch.device, repeats: int) -> None:
        self.device = device
        self.repeat = 0
        self.spent: dict[str, list[float]] = defaultdict(lambda: [0.0] * repeats)
        self._running: list[tuple[str, float, float]] = []  # path, when its hook began, when its hook ended
        self._inside = [0.0]

    def enter(self, path: str) -> None:
        wait(self.device)  # for what the caller gave the device
        began = time.perf_counter()
        self._inside.append(0.0)
        self._running.append((path, began, time.perf_counter()))

    def leave(self) -> None:
        wait(self.device)
        ended = time.perf_counter()
        path, began, started = self._running.pop()
        self.spent[path][self.repeat] += ended - started - self._inside.pop()
        self._inside[-1] += time.perf_counter() - began  # with its hooks: they are nobody's time
