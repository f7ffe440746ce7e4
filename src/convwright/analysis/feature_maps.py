"""What the layers of a network make of an image: their maps."""

import torch
from torch import Tensor, nn

from convwright.errors import ConvwrightError, unknown
from convwright.graph import trace

from .last_map import undisturbed


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
    return {path: tuple(made[1:]) for _, path, made in sorted(ends, key=_inner_first) if len(made) == 4}


def _inner_first(end: tuple[int, str, tuple[int, ...]]) -> tuple[int, int]:
    return end[0], -end[1].count(".")


def feature_maps(model: nn.Module, images: Tensor, layer: str) -> Tensor:
    """What the module at `layer` gives, at its last call, in eval mode; the model is left as it was.

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
    modules = dict(model.named_modules())
    if layer not in modules:
        raise unknown("layer", layer, modules)
    kept: list[object] = []
    hook = modules[layer].register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    try:
        with undisturbed(model), torch.no_grad():
            model(images)
    finally:
        hook.remove()
    made = kept[-1] if kept else None
    if not isinstance(made, Tensor) or made.ndim != 4:
        got = f"shape {tuple(made.shape)}" if isinstance(made, Tensor) else type(made).__name__
        raise ConvwrightError(f"layer {layer!r}", expected="a map (N, C, H, W) as its output", got=got)
    return made.detach().clone()
