"""In which precision and memory format a model trains fastest here: measured once, and remembered."""

import copy
import hashlib
import json
import math
import platform
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch
from torch import nn

from ..data.cache import cache_folder
from ..errors import ConvwrightError
from ..files import read_text, write
from .evaluate import DTYPES
from .kept_memory import kept_memory
from .recipe import Recipe

_WARM_UP, _REPEATS = 1, 3
_MOST_IMAGES_ON_CPU = 32  # enough to rank the three, in seconds
_WORTH_IT = 0.95  # fp32 stays unless bf16 takes less than this share of its time


@dataclass(frozen=True, kw_only=True)
class Numerics:
    """Precision and memory format of a run.

    Attributes
    ----------
    precision : {"fp32", "bf16", "fp16"}
        Precision of convolutions and matrix products; weights are kept in fp32.
    channels_last : bool
        Memory format of weights and images.
    seconds : dict of str to float, or None
        Measured seconds of a step by candidate, if the choice was automatic.
    """

    precision: str
    channels_last: bool
    seconds: dict[str, float] | None = None


def choose_numerics(
    model: nn.Module, recipe: Recipe, image_shape: tuple[int, int, int], device: torch.device, num_processes: int = 1
) -> Numerics:
    """Choose the numerics of `recipe`; auto is the fastest of fp32, fp32 channels_last and bf16 channels_last.

    A few training steps of each on a copy of the model, with the images that one process runs at a time (on a CPU at
    most 32 of them); kept in the cache by model, shape, machine and versions. bf16 has to be 5 % faster to be taken.

    Raises
    ------
    ConvwrightError
        For fp16 on a CPU, where gradients cannot be scaled.
    """
    if recipe.precision != "auto":
        if recipe.precision == "fp16" and device.type == "cpu":
            raise ConvwrightError("precision fp16 on a CPU", expected="fp32 or bf16", hint="or leave it at auto")
        return Numerics(precision=recipe.precision, channels_last=recipe.channels_last)
    num_images = max(recipe.batch_size // recipe.accumulation // num_processes, 1)
    if device.type == "cpu":
        num_images = min(num_images, _MOST_IMAGES_ON_CPU)
    kept = cache_folder() / "precision" / f"{_key(model, (num_images, *image_shape), device)}.json"
    seconds = _read(kept)
    if seconds is None:
        seconds = _measure(model, (num_images, *image_shape), device)
        write(kept, json.dumps(seconds))
    exact = min((name for name in seconds if name != _HALF), key=seconds.__getitem__)
    is_half_worth_it = seconds.get(_HALF, math.inf) < _WORTH_IT * seconds[exact]
    return replace(_CANDIDATES[_HALF if is_half_worth_it else exact], seconds=seconds)


_HALF = "bf16 channels_last"
_CANDIDATES = {
    "fp32": Numerics(precision="fp32", channels_last=False),
    "fp32 channels_last": Numerics(precision="fp32", channels_last=True),
    _HALF: Numerics(precision="bf16", channels_last=True),
}


def _measure(model: nn.Module, shape: tuple[int, ...], device: torch.device) -> dict[str, float]:
    bf16 = device.type == "cpu" or (device.type == "cuda" and torch.cuda.is_bf16_supported())
    names = [name for name in _CANDIDATES if bf16 or name != _HALF]
    steps = {name: _step_of(model, shape, device, _CANDIDATES[name]) for name in names}
    best = dict.fromkeys(names, float("inf"))
    with kept_memory():  # as training has it
        for repeat in range(_WARM_UP + _REPEATS):  # in turns, so that a moment's load falls on all of them
            for name, step in steps.items():
                start = time.perf_counter()
                step()
                if repeat >= _WARM_UP:
                    best[name] = min(best[name], time.perf_counter() - start)
    return best


def _step_of(model: nn.Module, shape: tuple[int, ...], device: torch.device, numerics: Numerics) -> Callable[[], None]:
    layout = torch.channels_last if numerics.channels_last else torch.contiguous_format
    twin = copy.deepcopy(model).to(device, memory_format=layout).train()  # type: ignore[call-overload]
    x = torch.zeros(shape, device=device).to(memory_format=layout)
    half = numerics.precision != "fp32"

    def step() -> None:
        with torch.autocast(device.type, DTYPES[numerics.precision]) if half else nullcontext():
            loss = twin(x).float().square().mean()
        loss.backward()
        twin.zero_grad()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return step


def _key(model: nn.Module, shape: tuple[int, ...], device: torch.device) -> str:
    weights = [(name, list(value.shape)) for name, value in model.state_dict().items()]
    parts = [repr(model), weights, list(shape), machine(device), torch.__version__]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def _read(path: Path) -> dict[str, float] | None:
    try:
        seconds = json.loads(read_text(path))
    except (OSError, ValueError):
        return None
    return dict(seconds)


def machine(device: torch.device) -> str:
    """The processor with its threads, or the GPU, by name."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{_processor()}, {torch.get_num_threads()} threads" + ("" if device.type == "cpu" else f", {device.type}")


@cache
def _processor() -> str:
    try:
        lines = read_text(Path("/proc/cpuinfo")).splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
