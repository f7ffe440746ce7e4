"""The effective field of a layer, an image at a time, so that it can be watched and stopped."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from ... import units
from ...analysis.effective_field import EffectiveField, Floats, effective_field
from ...analysis.facts import Analysis
from ...child_process import announce
from ...errors import ConvwrightError
from ...networks import NetworkName
from ...networks.reading.file_import import fresh_imports
from ..shared.user_network import load

NUM_IMAGES = 8
MOST_BYTES = 4 * 2**30


def require_affordable(analysis: Analysis) -> None:
    """Raise `ConvwrightError` where weights, and what a backward pass keeps, would fill the memory."""
    needed = analysis.parameters.num_bytes + analysis.totals.activation_bytes
    if needed > MOST_BYTES:
        raise ConvwrightError(
            f"the effective field of {analysis.label}",
            expected=f"at most {units.bytes_(MOST_BYTES)} of weights and activations",
            got=units.bytes_(needed),
            hint="ask with a smaller input or width",
        )


def growing_field_of_file(
    name: NetworkName, inputs: str, shape: tuple[int, ...], layer: str
) -> Iterator[EffectiveField]:
    """Do as `growing_field` does, for a network of the user's."""
    announce("measuring the effective field", is_limited=False)
    with fresh_imports():
        yield from growing_field(lambda: load(name, inputs).module, shape, layer)


def growing_field(
    load: Callable[[], nn.Module], shape: tuple[int, ...], layer: str, *, num_images: int = NUM_IMAGES
) -> Iterator[EffectiveField]:
    """Yield the effective field over one random image, then over two, and so on; the network is built first.

    Parameters
    ----------
    load : callable
        Builds the network, with weights.
    shape : tuple of int
        Of its input, whose batch axis is not used.
    layer : str
        Path of the module whose output is asked.
    num_images : int
        How many.

    Examples
    --------
    >>> found = growing_field(lambda: nn.Conv2d(3, 8, 5, padding=2), (1, 3, 32, 32), "", num_images=2)
    >>> [field.num_images for field in found]
    [1, 2]
    """
    model = load()
    images = torch.randn((num_images, *shape[1:]), generator=torch.Generator().manual_seed(0))
    total: Floats = np.zeros(shape[2:])
    for number, image in enumerate(images, start=1):
        one = effective_field(model, image[None], layer=layer)
        total = total + one.gradient
        yield replace(one, gradient=total / number, num_images=number)
