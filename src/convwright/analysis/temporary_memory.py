"""Temporary memory: what an op allocates, besides its result, only while it runs."""

from itertools import pairwise
from math import prod

from convwright.graph import Op, Tensor

INDEX_BYTES = 8  # positions are int64

_MAX_POOLS = frozenset(f"{adaptive}max_pool{axes}d" for adaptive in ("", "adaptive_") for axes in (1, 2, 3))


def temporary_bytes(op: Op) -> int:
    """Bytes that `op` needs besides what it reads and makes, the same on every device.

    What depends on the device (the workspace of a convolution algorithm) is left out.
    """
    if op.kind in _MAX_POOLS:
        # Finds where each maximum is, asked or not.
        return op.output.numel * INDEX_BYTES if len(op.outputs) == 1 else 0
    if op.kind == "matmul":
        return sum(operand_copy(op, operand) for operand in op.inputs[:2])
    return 0


def operand_copy(op: Op, operand: Tensor) -> int:
    """Bytes of the copy that `matmul` makes of an operand, 0 if it needs none.

    It works on one batch axis: an operand whose leading axes must be expanded to those of the other, or cannot be
    seen as one, is copied.
    """
    if operand.ndim < 3:
        return 0
    batched = min(tensor.ndim for tensor in op.inputs[:2]) > 2
    numel = prod(op.output.shape[:-2]) * prod(operand.shape[-2:]) if batched else operand.numel
    return 0 if numel == operand.numel and folds(operand, 2) else numel * operand.dtype.itemsize


def rows_copy(op: Op, operand: Tensor) -> int:
    """Bytes of the copy that `linear` makes of its input while gradients are on: it needs rows, on one batch axis."""
    return 0 if operand is not op.inputs[0] or folds(operand, 1) else operand.nbytes


def folds(tensor: Tensor, kept: int) -> bool:
    """Return True if all axes but the last `kept` can be seen as one."""
    axes = [axis for axis in zip(tensor.shape[:-kept], tensor.stride[:-kept], strict=True) if axis[0] != 1]
    return all(outer[1] == inner[0] * inner[1] for outer, inner in pairwise(axes))
