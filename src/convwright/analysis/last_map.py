"""The module that gives the last map of a network, and ways to watch a module without disturbing the network."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from convwright.errors import ConvwrightError, unknown
from convwright.graph import trace
from convwright.graph.modes import in_mode

from .receptive_field import receptive_fields


def last_map_module(model: nn.Module, shape: tuple[int, ...]) -> str:
    """Path of the module whose output is the last map: what the head pools or flattens.

    Where the head gets what no module returns (an activation called as a function), it is the last module before.

    Parameters
    ----------
    model : nn.Module
        Any network.
    shape : tuple of int
        Of its input, batch axis included.

    Raises
    ------
    ConvwrightError
        When no module gives a map.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
    >>> last_map_module(net, (1, 3, 16, 16))
    '1'
    """
    graph = trace(model, (1, *shape[1:]))
    last = receptive_fields(graph).last_map
    for op in reversed(graph.ops[: last.index + 1] if last else ()):
        if op.output.ndim == len(shape) and op.path in graph.modules and graph.ops_in(op.path)[-1] is op:
            return op.path
    raise ConvwrightError("no module gives a map", hint="name one with layer=")


@contextlib.contextmanager
def hooked(model: nn.Module, path: str, hook: Callable[..., Any]) -> Iterator[None]:
    """Call a forward hook of the module at `path` while the block runs.

    Raises
    ------
    ConvwrightError
        When there is no such module.
    """
    modules = dict(model.named_modules())
    if path not in modules:
        raise unknown("layer", path, modules)
    handle = modules[path].register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def as_map(output: object, path: str) -> torch.Tensor:
    """Return the output of the module at `path`, which must be a map (N, C, H, W)."""
    if isinstance(output, torch.Tensor) and output.ndim == 4:
        return output
    got = f"shape {tuple(output.shape)}" if isinstance(output, torch.Tensor) else type(output).__name__
    raise ConvwrightError(f"layer {path!r}", expected="a map (N, C, H, W) as its output", got=got)


@contextlib.contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Eval mode with gradients on, and afterwards every mode and random state as it was."""
    devices = {parameter.device for parameter in model.parameters() if parameter.device.type == "cuda"}
    forked = torch.random.fork_rng(devices=[device.index or 0 for device in devices])
    with in_mode(model, training=False), forked, torch.enable_grad():
        yield
