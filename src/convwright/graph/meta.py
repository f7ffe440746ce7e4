"""Runs torch functions for their shapes alone: every tensor is replaced by one on the meta device, without memory."""

from collections.abc import Callable, Mapping
from typing import Any

import torch

from .layout import strides_of

META = torch.device("meta")


class MetaCopies:
    """Tensors without storage that stand for the model's own, made when first needed.

    A copy has the shape, strides and dtype of its original, and nothing else.
    """

    device = META

    def __init__(self) -> None:
        self._copies: dict[int, torch.Tensor] = {}
        self._originals: dict[int, torch.Tensor] = {}

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call `function` on tensors without storage.

        A copy that comes back, written over or passed through, comes back as its original.
        """
        result = function(*self._swap(args), **self._swap(dict(kwargs)))
        return self._originals_in(result)

    def renamed(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return another traced tensor that stands for the same as this one."""
        return torch.empty_strided(tensor.shape, strides_of(tensor), dtype=tensor.dtype, device=META)

    def memory(self, tensor: torch.Tensor) -> int:
        """Return the address of the memory that stands for this tensor's: equal for views of each other."""
        return self._swap(tensor).untyped_storage()._cdata  # type: ignore[no-any-return]

    def _swap(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return value if value.is_meta and not value.requires_grad else self._copy_of(value)
        if isinstance(value, torch.device):
            return self.device
        if type(value) in (tuple, list):
            return type(value)([self._swap(item) for item in value])
        if type(value) is dict:
            # A generator belongs to one device, and drawing from it would change it.
            special = {"device": self.device, "generator": None}
            return {key: special[key] if key in special else self._swap(item) for key, item in value.items()}
        if type(value) is slice:
            return slice(*(self._swap(item) for item in (value.start, value.stop, value.step)))
        return value

    def _copy_of(self, tensor: torch.Tensor) -> torch.Tensor:
        copy = self._copies.get(id(tensor))
        if copy is None:
            copy = self._copied(tensor)
            self._copies[id(tensor)], self._originals[id(copy)] = copy, tensor
        return copy

    def _copied(self, tensor: torch.Tensor) -> torch.Tensor:
        return torch.empty_strided(tensor.shape, strides_of(tensor), dtype=tensor.dtype, device=META)

    def _originals_in(self, result: Any) -> Any:
        if isinstance(result, torch.Tensor):
            return self._originals.get(id(result), result)
        if isinstance(result, tuple | list) and any(id(item) in self._originals for item in result):
            return type(result)([self._originals_in(item) for item in result])
        return result
