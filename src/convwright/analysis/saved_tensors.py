"""What autograd keeps for the backward pass, by kind of op.

A rule names the tensors whose memory is kept, and the bytes that the op makes only for its backward pass (statistics,
indices, masks, copies). Parameters and buffers are kept too but are there anyway.

Source: `derivatives.yaml` of PyTorch 2.15 and the composite functions built on it. Masks are those of the fused CUDA
dropout: one byte an element.
"""

from collections.abc import Callable, Iterator
from math import prod
from typing import NamedTuple

from convwright.graph import Graph, Op, Tensor

from .temporary_memory import INDEX_BYTES, operand_copy

TensorIds = set[int]  # ids of tensors that require a gradient


class SavedTensors(NamedTuple):
    """Tensors kept, and bytes kept besides."""

    tensors: tuple[Tensor, ...] = ()
    num_bytes: int = 0


NOTHING_SAVED = SavedTensors()

SavedRule = Callable[[Op, TensorIds], SavedTensors]

INPUT = """
gelu silu hardswish hardsigmoid softplus mish softsign logsigmoid log log2 log10 log1p sin cos tan asin acos atan sinh
cosh erf erfc abs pow square float_power threshold clamp clamp_min clamp_max relu6 hardtanh hardshrink softshrink
tanhshrink glu avg_pool1d avg_pool2d avg_pool3d var std var_mean std_mean lerp prelu rms_norm
"""
OUTPUT = """
relu sigmoid tanh exp exp2 expm1 sqrt rsqrt reciprocal softmax log_softmax softmin cumprod
"""
# In place these need only the result; otherwise the input.
EITHER = "leaky_relu elu selu celu rrelu"
BOTH = "norm linalg_vector_norm linalg_norm logsumexp prod logcumsumexp"
NOTHING = """
add sub neg mean sum cumsum cat stack hstack vstack dstack interpolate upsample contiguous clone to float half
double bfloat16 roll flip pixel_shuffle pixel_unshuffle channel_shuffle native_channel_shuffle repeat tile
repeat_interleave expand expand_as broadcast_to broadcast_tensors view reshape view_as reshape_as flatten unflatten
squeeze unsqueeze transpose permute t mT mH movedim chunk split split_with_sizes tensor_split unbind narrow select
unfold fold identity alias type type_as tril triu diagonal diag block_diag meshgrid detach eq ne lt le gt ge
logical_and logical_or logical_not logical_xor argmax argmin sign round floor ceil trunc bernoulli floor_divide zero
fill isnan isinf setitem any all one_hot nan_to_num ravel positive
"""
PRODUCTS = """
mul mm bmm mv dot inner outer einsum bilinear addmm baddbmm addbmm addmv addcmul deform_conv2d maximum minimum tensordot
"""
CONVOLUTIONS = "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d"
MATMULS = "linear matmul"
SELECTS = "getitem index_select gather take_along_dim embedding where masked_fill masked_scatter scatter"


def saved_by(op: Op, needs: TensorIds) -> SavedTensors | None:
    """What autograd keeps of `op`; None when no rule knows its kind."""
    rule = RULES.get(op.kind)
    return None if rule is None else rule(op, needs)


def needs_gradient(graph: Graph) -> TensorIds:
    """Ids of the tensors that a gradient flows to: trainable parameters and what is computed from them."""
    needs: TensorIds = set()
    trainable = {name for name, row in graph.parameters.items() if row.trainable}
    for op in graph.ops:
        flows = False
        for tensor in op.inputs:
            if tensor.id in needs:
                flows = True
            elif tensor.role == "parameter" and tensor.name in trainable:
                needs.add(tensor.id)
                flows = True
        if flows and op.kind not in _STOPS:
            needs.update([tensor.id for tensor in op.outputs if tensor.dtype.is_floating_point])
    return needs


_STOPS = frozenset({"detach", "bernoulli", "sign", "round", "floor", "ceil", "trunc", "zero"})


def _input(op: Op, needs: TensorIds) -> SavedTensors:
    del needs
    # In place, the input is copied before it is written over.
    return SavedTensors((), op.inputs[0].nbytes) if op.is_inplace else SavedTensors(op.inputs[:1])


def _output(op: Op, needs: TensorIds) -> SavedTensors:
    del needs
    return SavedTensors(op.outputs[:1])


def _either(op: Op, needs: TensorIds) -> SavedTensors:
    del needs
    return SavedTensors(op.outputs[:1] if op.is_inplace else op.inputs[:1])


def _both(op: Op, needs: TensorIds) -> SavedTensors:
    del needs
    return SavedTensors((*op.inputs[:1], *op.outputs[:1]))


def _nothing(op: Op, needs: TensorIds) -> SavedTensors:
    del op, needs
    return NOTHING_SAVED


def _product(op: Op, needs: TensorIds) -> SavedTensors:
    """Each factor, if another factor needs a gradient. What is only added (`addmm`'s start) is no factor."""
    return SavedTensors(tuple(_needed(op.inputs[1:] if op.kind.startswith("add") else op.inputs, needs)))


def _needed(factors: tuple[Tensor, ...], needs: TensorIds) -> Iterator[Tensor]:
    for position, factor in enumerate(factors):
        if any(other.id in needs for other in (*factors[:position], *factors[position + 1 :])):
            yield factor


def _convolution(op: Op, needs: TensorIds) -> SavedTensors:
    """Input and weight, whichever of them needs a gradient: one function computes both."""
    del needs
    return SavedTensors(op.inputs[:2])


def _matmul(op: Op, needs: TensorIds) -> SavedTensors:
    """As a product, of the copies where operands are copied first."""
    tensors, num_bytes = [], 0
    for factor in _needed(op.inputs[:2], needs):
        copied = operand_copy(op, factor)
        num_bytes += copied
        if not copied:
            tensors.append(factor)
    return SavedTensors(tuple(tensors), num_bytes)


def _quotient(op: Op, needs: TensorIds) -> SavedTensors:
    """The divisor; also the dividend if the divisor needs a gradient."""
    divisor = op.args["other"]
    if not isinstance(divisor, Tensor):
        return NOTHING_SAVED
    return SavedTensors(op.inputs if divisor.id in needs else (divisor,))


def _selection(op: Op, needs: TensorIds) -> SavedTensors:
    """Where it was selected: indices and masks."""
    del needs
    return SavedTensors(tuple(tensor for tensor in op.inputs if not tensor.dtype.is_floating_point))


def _pad(op: Op, needs: TensorIds) -> SavedTensors:
    """Reflection and replication keep the input; zeros keep nothing."""
    del needs
    return NOTHING_SAVED if op.args["mode"] == "constant" else SavedTensors(op.inputs[:1])


def _batch_norm(op: Op, needs: TensorIds) -> SavedTensors:
    """The input; in training also mean and deviation of each channel."""
    del needs
    uses_batch = op.args["training"] or op.args["running_mean"] is None
    return SavedTensors(op.inputs[:1], 2 * op.input.shape[1] * 4 if uses_batch else 0)


def _layer_norm(op: Op, needs: TensorIds) -> SavedTensors:
    """The input, and mean and deviation of each sample."""
    del needs
    return SavedTensors(op.inputs[:1], 2 * op.input.numel // prod(op.args["normalized_shape"]) * 4)


def _group_norm(op: Op, needs: TensorIds) -> SavedTensors:
    del needs
    return SavedTensors(op.inputs[:1], 2 * op.input.shape[0] * op.args["num_groups"] * 4)


def _instance_norm(op: Op, needs: TensorIds) -> SavedTensors:
    del needs
    return SavedTensors(op.inputs[:1], 2 * prod(op.input.shape[:2]) * 4)


def _max_pool(op: Op, needs: TensorIds) -> SavedTensors:
    """The input and where each maximum was."""
    del needs
    return SavedTensors(op.inputs[:1], op.output.numel * INDEX_BYTES)


def _adaptive_avg_pool(op: Op, needs: TensorIds) -> SavedTensors:
    """The input, unless it is averaged to one position: that is a mean, which keeps nothing."""
    del needs
    return NOTHING_SAVED if set(op.args["output_size"]) == {1} else SavedTensors(op.inputs[:1])


def _extremum(op: Op, needs: TensorIds) -> SavedTensors:
    """Of two tensors both; along an axis the indices; over all axes input and result."""
    if len(op.inputs) > 1:
        return _product(op, needs)
    return SavedTensors(op.outputs[1:]) if len(op.outputs) > 1 else _both(op, needs)


def _dropout(op: Op, needs: TensorIds) -> SavedTensors:
    """The mask of what was kept."""
    del needs
    drops = op.args["training"] and 0 < op.args["p"] < 1
    whole_maps = op.kind != "dropout"
    return SavedTensors((), (prod(op.input.shape[:2]) * 4 if whole_maps else op.input.numel) if drops else 0)


def _attention(op: Op, needs: TensorIds) -> SavedTensors:
    """Of the fused kernel: query, key, value, result and the logarithm of each row's sum."""
    del needs
    operands = tuple(op.args[name] for name in ("query", "key", "value"))
    return SavedTensors((*operands, op.output), op.output.numel // op.output.shape[-1] * 4)


def _normalize(op: Op, needs: TensorIds) -> SavedTensors:
    """The input, its norms, and the norms bounded from below."""
    del needs
    x = op.input
    dim = op.args["dim"]
    dims = dim if isinstance(dim, tuple) else (dim,)
    return SavedTensors((x,), 2 * x.nbytes // prod(x.shape[axis] for axis in dims))


def _local_response_norm(op: Op, needs: TensorIds) -> SavedTensors:
    """The input, its padded square, and the sum before and after the power."""
    del needs
    return SavedTensors(op.inputs[:1], 3 * op.input.nbytes)


def _lp_pool(op: Op, needs: TensorIds) -> SavedTensors:
    """The input, its power, and four steps from mean to root."""
    del needs
    return SavedTensors(op.inputs[:1], op.input.nbytes + 4 * op.output.nbytes)


def _grid_sample(op: Op, needs: TensorIds) -> SavedTensors:
    del needs
    return SavedTensors(op.inputs[:2])


_BY_RULE: dict[str, SavedRule] = {
    INPUT: _input,
    OUTPUT: _output,
    EITHER: _either,
    BOTH: _both,
    NOTHING: _nothing,
    PRODUCTS: _product,
    CONVOLUTIONS: _convolution,
    MATMULS: _matmul,
    SELECTS: _selection,
    "div": _quotient,
    "pad": _pad,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "instance_norm": _instance_norm,
    "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d": _max_pool,
    "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d": _adaptive_avg_pool,
    "amax amin": _both,
    "max min": _extremum,
    "dropout dropout1d dropout2d dropout3d alpha_dropout feature_dropout feature_alpha_dropout": _dropout,
    "scaled_dot_product_attention": _attention,
    "normalize": _normalize,
    "local_response_norm": _local_response_norm,
    "lp_pool1d lp_pool2d lp_pool3d": _lp_pool,
    "grid_sample": _grid_sample,
}
RULES: dict[str, SavedRule] = {kind: rule for kinds, rule in _BY_RULE.items() for kind in kinds.split()}
