"""The input that a network declares: by its config, as timm's and Lightning's networks do, or by an attribute."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from .input_guess import InputGuess
from .network_input import NetworkInput, positional_names

USUAL_INPUT = (1, 3, 224, 224)
_OF_IMAGES = re.compile(r"_?(img|image)_?(size|shape|resolution|res|dims?)")
_OF_INPUTS = re.compile(r"_?(in|input)_?(size|shape|resolution|res)")


def declared_input(module: nn.Module) -> tuple[int, ...] | None:
    """Return the shape that a network's `config` declares by `input_size` and `in_channels`; None without one."""
    config = getattr(module, "config", None)
    size, channels = getattr(config, "input_size", None), getattr(config, "in_channels", 3)
    if isinstance(size, int):
        return (1, channels, size, size)
    if isinstance(size, list | tuple):
        return (1, channels, *size) if len(size) == 2 else (1, *size)
    return None


def declared_guesses(module: nn.Module) -> Iterator[InputGuess]:
    """Yield what a network says of its own input, the plainest first; a guess without a reason is no assumption."""
    shape = declared_input(module)
    if shape:
        yield InputGuess.of_shape(shape)
    for name in ("pretrained_cfg", "default_cfg"):
        config = getattr(module, name, None)
        size = config.get("input_size") if isinstance(config, Mapping) else getattr(config, "input_size", None)
        if _sizes(size):
            yield InputGuess.of_shape((1, *_sizes(size)))
    example = getattr(module, "example_input_array", None)
    if example is not None:
        specs = tuple(_specs_of(example, module))
        if specs:
            yield InputGuess(inputs=specs)
    for path, part in module.named_modules():
        for key, value in vars(part).items():
            # The input of a part, such as that of an LSTM, is not that of the network.
            is_size = _OF_IMAGES.fullmatch(key) or (part is module and _OF_INPUTS.fullmatch(key))
            if is_size and (shape := _shape_of(value)):
                yield InputGuess.of_shape(shape, f"its {f'{path}.' if path else ''}{key} is {value}")


def _shape_of(value: object) -> tuple[int, ...] | None:
    """Return the shape that a size of an image stands for; None for what is none."""
    if type(value) is int and value > 1:
        return (1, 3, value, value)
    sizes = _sizes(value)
    if len(sizes) == 3 and sizes[2] <= 4 < min(sizes[:2]):  # height, width and channels
        sizes = (sizes[2], *sizes[:2])
    return {2: (1, 3, *sizes), 3: (1, *sizes), 4: (1, *sizes[1:])}.get(len(sizes))


def _sizes(value: object) -> tuple[int, ...]:
    """Return a row of sizes; () for anything else."""
    is_shape = isinstance(value, list | tuple) and all(type(size) is int and size > 0 for size in value)
    return tuple(value) if is_shape else ()  # type: ignore[arg-type]


def _specs_of(example: Any, module: nn.Module) -> Iterator[NetworkInput]:
    values = example if isinstance(example, list | tuple) else (example,)
    named = dict(example) if isinstance(example, Mapping) else dict(zip(positional_names(module), values, strict=False))
    for name, value in named.items():
        if isinstance(value, torch.Tensor):
            dtype = None if value.is_floating_point() else value.dtype
            yield NetworkInput(shape=tuple(value.shape), name=name, dtype=dtype)
