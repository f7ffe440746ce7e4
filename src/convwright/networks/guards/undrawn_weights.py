"""Draws few random numbers for large weights: drawing takes most of the time in which a network is built."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

_DRAWS = ("uniform_", "normal_", "kaiming_uniform_")
_MOST_DRAWN = 2**16


class UndrawnWeights(TorchFunctionMode):
    """While active, a large tensor gets the same few random numbers again and again, of the distribution asked for.

    They are enough for who reads whether a weight is constant, and for initializers that draw until all numbers fit.

    Examples
    --------
    >>> with UndrawnWeights():
    ...     weight = torch.nn.Linear(512, 512).weight
    >>> torch.equal(weight[:128], weight[128:256]), weight.std().item() > 0
    (True, True)
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call `func`, unless it draws many numbers."""
        del types
        kwargs = dict(kwargs or {})
        tensor = args[0] if args else kwargs.get("tensor")
        name = getattr(func, "__name__", "")
        if name not in _DRAWS or not isinstance(tensor, torch.Tensor) or not tensor.is_contiguous():
            return func(*args, **kwargs)
        if tensor.is_meta:
            return tensor
        if tensor.numel() <= _MOST_DRAWN:
            return func(*args, **kwargs)
        kwargs.pop("tensor", None)
        with torch.no_grad():
            sample = tensor.new_empty(_MOST_DRAWN)
            if name == "kaiming_uniform_":
                bound = _kaiming_bound(tensor, *args[1:], **kwargs)
                sample.uniform_(-bound, bound, generator=kwargs.get("generator"))
            else:
                func(sample, *args[1:], **kwargs)
            _fill(tensor.view(-1), sample)
        return tensor


def _fill(flat: torch.Tensor, sample: torch.Tensor) -> None:
    whole = len(flat) // len(sample) * len(sample)
    flat[:whole].view(-1, len(sample)).copy_(sample)
    flat[whole:].copy_(sample[: len(flat) - whole])


def _kaiming_bound(
    tensor: torch.Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: Any = "leaky_relu", generator: Any = None
) -> float:
    """Return the bound of `nn.init.kaiming_uniform_`: gain times the square root of 3 / fan."""
    del generator
    fan = math.prod(tensor.shape[2:]) * tensor.shape[1 if mode == "fan_in" else 0]
    return nn.init.calculate_gain(nonlinearity, a) * math.sqrt(3 / max(fan, 1))
