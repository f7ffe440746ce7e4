"""Weights of quantized layers, which torch packs into objects of its own."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

QUANTIZED = frozenset({torch.qint8, torch.quint8, torch.qint32})
# Kinds of calls whose weight is packed, with what is fused behind the product.
CONVOLUTIONS = tuple(
    f"quantized_conv{axes}d{fused}" for axes in (1, 2, 3) for fused in ("", "_relu", "_add", "_add_relu", "_dynamic")
)
LINEARS = tuple(f"quantized_linear{fused}" for fused in ("", "_relu", "_dynamic", "_relu_dynamic"))


def packed_weights(module: nn.Module) -> Iterator[tuple[str, object, torch.Tensor]]:
    """Yield name, key and tensor of each weight that a layer of `torch.ao` holds packed.

    The key of the first one is the packed object, by which calls name all of it; that of any other is the tensor.
    """
    if not type(module).__module__.startswith("torch.ao.nn."):
        return
    for name, value in vars(module).items():
        if isinstance(value, torch.ScriptObject):
            keys: list[object] = [value]
            once = {tensor.data_ptr(): tensor.detach() for tensor in _tensors(value)}  # what is packed does not train
            for number, tensor in enumerate(once.values()):
                key = keys.pop() if keys else tensor
                yield (name if number == 0 else f"{name}.{number}"), key, tensor


def _tensors(packed: Any) -> Iterator[torch.Tensor]:
    """Yield weight and bias, or all that the state of a recurrent cell holds, its weights first."""
    if isinstance(packed, torch.Tensor):
        yield packed
    elif isinstance(packed, torch.ScriptObject):
        found = packed.unpack() if hasattr(packed, "unpack") else packed.__getstate__()
        yield from _tensors(found)
    elif isinstance(packed, list | tuple):
        for item in reversed(packed) if any(isinstance(each, list) for each in packed) else packed:
            yield from _tensors(item)


def packed_arguments(packed: Any) -> dict[str, Any]:
    """Return what a packed weight says of the call: the windows of a convolution, and True as bias if it has one."""
    if not hasattr(packed, "unpack"):
        return {}
    weight, bias = packed.unpack()
    found: dict[str, Any] = {"bias": True if bias is not None else None}
    if hasattr(packed, "stride"):
        axes = weight.ndim - 2
        windows = {name: tuple(getattr(packed, name)())[-axes:] for name in ("stride", "padding", "dilation")}
        found |= {"kernel_size": tuple(weight.shape[2:]), **windows, "groups": packed.groups()}
    return found
