"""Attention with masks that the fused kernel of a CPU does not take: the scores are kept."""

from collections.abc import Collection

from convwright.graph import Op, Tensor

KIND = "scaled_dot_product_attention"
_FUSED_AXES = (2, 4)  # of a mask


def keeps_scores(op: Op, needs: Collection[int]) -> bool:
    """Return True for attention whose mask needs a gradient (a learned bias), or has neither two nor four axes.

    A CPU then keeps scaled copies of query and key, and the scores. A GPU's kernel may keep less.
    """
    mask = op.args.get("attn_mask") if op.kind == KIND else None
    return isinstance(mask, Tensor) and (mask.id in needs or mask.ndim not in _FUSED_AXES)


def scores_bytes(op: Op) -> int:
    """Return the bytes of a score for each query and key."""
    key: Tensor = op.args["key"]
    return op.output.numel // op.output.shape[-1] * key.shape[-2] * op.output.dtype.itemsize


def softmax_scratch_bytes(op: Op, needs: Collection[int]) -> int:
    """Return the bytes that the gradient of the softmax takes beyond the gradients that the whole op reads and makes.

    Those of the scores are there before and behind it. The gradients of query and key come later, that of the result
    and the values have gone by then; that of a learned mask is one of the two.
    """
    query, key, value, mask = (op.args[name] for name in ("query", "key", "value", "attn_mask"))
    gone: list[Tensor] = [query, key, value, op.output, *([mask] if mask.id in needs else [])]
    return max(2 * scores_bytes(op) - sum(tensor.nbytes for tensor in gone), 0)
