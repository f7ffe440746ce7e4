"""Keeps tensors on the CPU, wherever they are asked to go."""

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from .guard import NetworkGuard

_GPUS = ("cuda", "hpu", "ipu", "maia", "mps", "mtia", "privateuseone", "xla", "xpu")


class CpuMode(TorchFunctionMode):
    """While active, `x.cuda()`, `x.to("cuda")` and `device="cuda"` leave a tensor where it is or would be without them.

    Every move of a module ends in one of its tensors. A device given with `with torch.device(...)` counts as well.

    Parameters
    ----------
    guard : NetworkGuard
        Gets a note of each move.

    Examples
    --------
    >>> with CpuMode(NetworkGuard()):
    ...     net = torch.nn.Linear(2, 2, device="cuda").cuda()
    >>> net.weight.device
    device(type='cpu')
    """

    def __init__(self, guard: NetworkGuard) -> None:
        super().__init__()
        self._guard = guard

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call `func` without the devices among its arguments."""
        del types
        name, kwargs = getattr(func, "__name__", ""), kwargs or {}
        if name in _GPUS and args and isinstance(args[0], torch.Tensor):
            self._guard.note_device()
            return args[0]
        if _is_gpu(kwargs.get("device")):
            self._guard.note_device()
            kwargs = {**kwargs, "device": args[0].device if name == "to" else None}
        if name == "to" and any(map(_is_gpu, args[1:2])):
            self._guard.note_device()
            args = (args[0], args[0].device, *args[2:])
        return func(*args, **kwargs)


def _is_gpu(value: object) -> bool:
    if isinstance(value, torch.device):
        return value.type in _GPUS
    if isinstance(value, str):
        return value.partition(":")[0] in _GPUS
    return isinstance(value, int) and not isinstance(value, bool)  # the number of a GPU
