"""Bricks by name: the convolution, and every pooling layer that has a window, whichever there are."""

from collections.abc import Callable, Mapping
from functools import cache
from inspect import signature
from typing import Any

from torch import Tensor, nn

from ...errors import ConvwrightError
from ...layers import MaxPool2d, poolings
from ...layers.brick import Pooling
from ...layers.pooling import BlurPool2d
from .filters import filter_of

CONVOLUTION = "convolution"
CONVOLUTION_FORMULA = "sum(w x)"
CHANNELS = 3  # red, green, blue, each filtered alone
_OF_WINDOW = ("kernel_size", "stride", "padding", "dilation")
_OF_LAYER = ("mix", "p")


@cache
def window_poolings() -> dict[str, Pooling]:
    """Return the pooling layers whose window can be set.

    >>> "max" in window_poolings(), "global_average" in window_poolings()
    (True, False)
    """
    return {name: brick for name, brick in poolings().items() if "kernel_size" in signature(brick.layer).parameters}


def drawing_poolings() -> tuple[str, ...]:
    """Return the pooling layers that draw at random in training.

    >>> drawing_poolings()
    ('stochastic',)
    """
    known = window_poolings()
    return tuple(name for name, brick in known.items() if "generator" in signature(brick.layer).parameters)


def brick_names() -> tuple[str, ...]:
    """Return the layers that can be tried, the convolution first."""
    return (CONVOLUTION, *window_poolings())


def takes(name: str) -> tuple[str, ...]:
    """Return the knobs that a layer takes.

    >>> takes("max"), takes("lp")
    (('kernel_size', 'stride', 'padding', 'dilation'), ('kernel_size', 'stride', 'padding', 'p'))
    """
    if name == CONVOLUTION:
        return ("filter", *_OF_WINDOW)
    known = signature(window_poolings()[name].layer).parameters
    return tuple(knob for knob in (*_OF_WINDOW, *_OF_LAYER) if knob in known)


def formula_of(name: str) -> str:
    """Return the formula of a layer over a window x."""
    return CONVOLUTION_FORMULA if name == CONVOLUTION else window_poolings()[name].formula


def pooling(name: str, **options: Any) -> nn.Module:
    """Build a pooling layer in evaluation mode with those of the options that it takes."""
    layer = window_poolings()[name].layer
    known = signature(layer).parameters
    return layer(**{option: value for option, value in options.items() if option in known}).eval()


def named_brick(values: Mapping[str, Any], window: Mapping[str, int], *, channels: int) -> nn.Module:
    """Return the layer that the control `brick` names, with the other controls' values, over a window."""
    if values["brick"] == CONVOLUTION:
        return convolution(values["filter"], channels=channels, **window)
    return pooling(values["brick"], **window, mix=values["mix"], p=values["p"])


def convolution(
    filter_name: str,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    channels: int = CHANNELS,
) -> nn.Conv2d:
    """Build a depthwise convolution with one filter."""
    layer = nn.Conv2d(channels, channels, kernel_size, stride, padding, dilation, groups=channels, bias=False)
    layer.requires_grad_(False)
    layer.weight.copy_(filter_of(filter_name, kernel_size).expand_as(layer.weight))
    return layer


def features(filter_name: str, stride: int = 1) -> nn.Module:
    """Build a 3x3 convolution and its activation, without padding: it would make an edge where the photograph ends."""
    return nn.Sequential(convolution(filter_name, 3, stride=stride), nn.ReLU())


def max_then_blur(kernel_size: int, stride: int) -> nn.Module:
    """Max pooling without a stride, then the blur that may skip.

    Source: Zhang 2019, "Making convolutional networks shift-invariant again", section 3.2.
    """
    return nn.Sequential(MaxPool2d(kernel_size, stride=1), BlurPool2d(3, stride=stride, padding=0))


def applied(layer: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Apply a layer to `x`.

    Raises
    ------
    ConvwrightError
        When it cannot take it, also where torch's own layer says so.
    """
    try:
        return layer(x)
    except ConvwrightError:
        raise
    except RuntimeError as error:
        raise ConvwrightError(f"this window does not work: {str(error).partition(chr(10))[0]}") from error
