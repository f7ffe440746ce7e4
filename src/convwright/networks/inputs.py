"""The input of a network: as a person writes it, or as the network declares it."""

from torch import nn

from ..errors import ConvwrightError

USUAL_INPUT = (1, 3, 224, 224)


def parse_input(text: str) -> tuple[int, ...]:
    """Read a shape such as `3x224x224`: three sizes are one image, otherwise all sizes stand as they are.

    >>> parse_input("3x224x224"), parse_input("2x3x64x64")
    ((1, 3, 224, 224), (2, 3, 64, 64))
    """
    sizes = text.lower().replace("*", "x").split("x")
    if not all(size.strip().isdigit() and int(size) > 0 for size in sizes):
        raise ConvwrightError(f"input {text!r}", expected="sizes such as 3x224x224 or 2x3x64x64", hint="C x H x W")
    shape = tuple(int(size) for size in sizes)
    return (1, *shape) if len(shape) == 3 else shape


def declared_input(module: nn.Module) -> tuple[int, ...] | None:
    """Return the shape that a network's `config` declares by `input_size` and `in_channels`; None without one."""
    config = getattr(module, "config", None)
    size, channels = getattr(config, "input_size", None), getattr(config, "in_channels", 3)
    if isinstance(size, int):
        return (1, channels, size, size)
    if isinstance(size, list | tuple):
        return (1, channels, *size) if len(size) == 2 else (1, *size)
    return None
