"""Feature maps: the output of any layer for given images."""

import torch
from torch import Tensor, nn

from convwright.graph import trace

from .last_map import as_map, hooked, undisturbed


def map_layers(model: nn.Module, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """The modules that give a map, in the order in which they end, and its shape: channels, height, width.

    Parameters
    ----------
    model : nn.Module
        Any network.
    shape : tuple of int
        Of its input, batch axis included.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
    >>> map_layers(net, (1, 3, 16, 16))
    {'0': (8, 14, 14), '1': (8, 14, 14), '2': (8, 1, 1)}
    """
    graph = trace(model, (1, *shape[1:]))
    ends = [
        (ops[-1].index, path, ops[-1].output.shape) for path in graph.modules if path and (ops := graph.ops_in(path))
    ]
    inner_first = sorted(ends, key=lambda end: (end[0], -end[1].count(".")))
    return {path: tuple(shape[1:]) for _, path, shape in inner_first if len(shape) == 4}


def feature_maps(model: nn.Module, images: Tensor, layer: str) -> Tensor:
    """Return what the module at `layer` gives, at its last call, in eval mode; the model is left as it was.

    Shape: images (N, C, H, W) -> (N, channels, h, w).

    Raises
    ------
    ConvwrightError
        When there is no such module, it is not called, or gives no map.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
    >>> feature_maps(net, torch.randn(1, 3, 16, 16), "1").shape
    torch.Size([1, 8, 14, 14])
    """
    outputs: list[object] = [None]
    keep = hooked(model, layer, lambda _module, _inputs, output: outputs.append(output))
    with keep, undisturbed(model), torch.no_grad():
        model(images)
    return as_map(outputs[-1], layer).detach().clone()
