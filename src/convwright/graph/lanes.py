"""`torch.vmap` as a loop over its lanes, so that a trace sees the ops of each, with their shapes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch._functorch import apis
from torch._functorch.vmap import _process_batched_inputs
from torch.overrides import handle_torch_function
from torch.utils import _pytree as pytree


@contextmanager
def vmap_unrolled(is_traced: Callable[[], bool]) -> Iterator[None]:
    """While active, functions that `torch.vmap` made run once for each lane, one after the other.

    Each lane is a view of the mapped axis, and the results are stacked. Calls for which `is_traced` is False, such as
    those of other threads, run as torch has them.
    """
    original = vars(apis)["vmap_impl"]

    def unrolled(
        function: Callable[..., Any],
        in_dims: Any,
        out_dims: Any,
        randomness: str,
        chunk_size: int | None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        if not is_traced():
            return original(function, in_dims, out_dims, randomness, chunk_size, *args, **kwargs)
        count, dims, flat, spec = _process_batched_inputs(in_dims, args, function)
        columns = [
            [value] * count if dim is None else _split(value, dim) for value, dim in zip(flat, dims, strict=True)
        ]
        lanes = [function(*pytree.tree_unflatten(list(row), spec), **kwargs) for row in zip(*columns, strict=True)]
        return _joined(lanes, out_dims)

    with patch.object(apis, "vmap_impl", unrolled):
        yield


def vmap(tensor: torch.Tensor, dim: int) -> tuple[torch.Tensor, ...]:
    """Split a tensor into the lanes of a `torch.vmap`: the name of the op that a trace records."""
    return torch.unbind(tensor, dim)


def _split(tensor: torch.Tensor, dim: int) -> tuple[torch.Tensor, ...]:
    lanes: tuple[torch.Tensor, ...] = handle_torch_function(vmap, (tensor,), tensor, dim)
    return lanes


def _joined(lanes: list[Any], out_dims: Any) -> Any:
    """Stack what the lanes returned along `out_dims`; None takes what they share."""
    columns = list(zip(*(pytree.tree_flatten(lane)[0] for lane in lanes), strict=True))
    spec = pytree.tree_flatten(lanes[0])[1]
    if isinstance(lanes[0], torch.Tensor) and isinstance(out_dims, tuple) and len(out_dims) == 1:
        out_dims = out_dims[0]
    dims = pytree._broadcast_to_and_flatten(out_dims, spec)
    if dims is None:
        raise ValueError(f"out_dims={out_dims} is not compatible with what the function returns")
    joined = [column[0] if dim is None else torch.stack(column, dim) for column, dim in zip(columns, dims, strict=True)]
    return pytree.tree_unflatten(joined, spec)
