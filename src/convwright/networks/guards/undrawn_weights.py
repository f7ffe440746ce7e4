"""Leaves out the random numbers of large weights, which take most of the time in which a network is built."""

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_DRAWS = ("uniform_", "normal_", "kaiming_uniform_", "erfinv_")
_MOST_DRAWN = 2**16


class UndrawnWeights(TorchFunctionMode):
    """While active, a large tensor that would get random numbers keeps what its memory holds.

    Its first and last numbers differ, so that it is not taken for a constant. Constants, and small tensors, get their
    numbers, which a rule may read.

    Examples
    --------
    >>> with UndrawnWeights():
    ...     weight = torch.nn.Linear(512, 512).weight
    >>> weight[0, 0].item(), weight[-1, -1].item()
    (0.0, 1.0)
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call `func`, unless it draws many numbers."""
        del types
        kwargs = kwargs or {}
        tensor = args[0] if args else kwargs.get("tensor")
        if getattr(func, "__name__", "") not in _DRAWS or not isinstance(tensor, torch.Tensor):
            return func(*args, **kwargs)
        if tensor.numel() <= _MOST_DRAWN and not tensor.is_meta:
            return func(*args, **kwargs)
        if not tensor.is_meta:
            with torch.no_grad():
                tensor[(0,) * tensor.ndim] = 0
                tensor[(-1,) * tensor.ndim] = 1
        return tensor
