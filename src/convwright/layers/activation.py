"""Activations by name."""

from torch import nn

from ..errors import require_choice

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "gelu": nn.GELU,
    "hardsigmoid": nn.Hardsigmoid,
    "hardswish": nn.Hardswish,
    "none": nn.Identity,
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "sigmoid": nn.Sigmoid,
    "silu": nn.SiLU,
}

# Safe wherever this package uses them: on the fresh output of a norm, a convolution or an addition.
_IN_PLACE = (nn.Hardsigmoid, nn.Hardswish, nn.ReLU, nn.ReLU6, nn.SiLU)


def activation(name: str, *, in_place: bool = True) -> nn.Module:
    """A new activation layer, in place where torch offers it; not where its input belongs to somebody else.

    >>> activation("relu")
    ReLU(inplace=True)
    """
    require_choice("activation", name, ACTIVATIONS)
    kind = ACTIVATIONS[name]
    return kind(inplace=True) if in_place and kind in _IN_PLACE else kind()
