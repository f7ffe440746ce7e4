"""Tensors that autograd saves for the backward pass, by kind of op.

A rule names the tensors whose memory is kept, and the bytes that the op makes only for its backward pass (statistics,
indices, masks, copies). Parameters and buffers are kept too but are there anyway.

Source: `derivatives.yaml` of PyTorch 2.15 and the composite functions built on it. Masks are those of the fused CUDA
dropout: one byte an element.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import prod
from typing import Any, NamedTuple

from convwright.graph import Graph, Op, Tensor
from convwright.graph.layout import is_contiguous

from .attention import keeps_scores, scores_bytes
from .recurrent import recurrent_sizes
from .temporary_memory import INDEX_BYTES, folds, operand_copy, rows_copy

TensorIds = set[int]  # ids of tensors that require a gradient


class SavedTensors(NamedTuple):
    """Tensors kept, and bytes kept besides."""

    tensors: tuple[Tensor, ...] = ()
    num_bytes: int = 0


NOTHING_SAVED = SavedTensors()
ESTIMATED = frozenset({"lstm"})  # which oneDNN and cuDNN run, with workspaces of their own
UNROLLED = "vmap"  # whose lanes run together, and are traced one after the other

INPUT = """
gelu silu hardswish hardsigmoid softplus mish logsigmoid log log2 log10 log1p sin cos tan asin acos atan sinh
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
fill isnan isinf setitem any all one_hot nan_to_num ravel positive argsort vmap
"""
PRODUCTS = """
mul mm bmm mv dot inner outer einsum bilinear addmm baddbmm addbmm addmv addcmul deform_conv2d maximum minimum tensordot
"""
CONVOLUTIONS = "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d"
MATMULS = "linear matmul"
MAX_POOLS = "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d"
DROPOUTS = "dropout dropout1d dropout2d dropout3d alpha_dropout feature_dropout feature_alpha_dropout"
SELECTS = "index_select embedding where masked_fill masked_scatter scatter"


def saved_by(op: Op, needs: TensorIds) -> SavedTensors | None:
    """Return what autograd keeps of `op`; None when no rule knows its kind."""
    if op.kind in OP_RULES:
        return OP_RULES[op.kind](op)
    return GRADIENT_RULES[op.kind](op, needs) if op.kind in GRADIENT_RULES else None


def needs_gradient(graph: Graph) -> TensorIds:
    """Ids of the tensors that a gradient flows to: trainable parameters and what is computed from them."""
    needs: TensorIds = set()
    trainable = {name for name, row in graph.parameters.items() if row.trainable}
    for op in graph.ops:
        if not op.tracks_gradients:
            continue
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


def _first_input(op: Op, num_bytes: int = 0) -> SavedTensors:
    return SavedTensors(op.inputs[:1], num_bytes)


def _statistics(op: Op, num: int) -> SavedTensors:
    """The input, with mean and deviation of `num` groups of its values in float32."""
    return _first_input(op, 2 * num * 4)


def _both(op: Op) -> SavedTensors:
    return SavedTensors((*op.inputs[:1], *op.outputs[:1]))


def _batch_norm(op: Op) -> SavedTensors:
    """In training by the batch's statistics, else by the running ones."""
    uses_batch = op.args["training"] or op.args["running_mean"] is None
    return _statistics(op, op.input.shape[1] if uses_batch else 0)


def _instance_norm(op: Op) -> SavedTensors:
    """The input, the statistics of every map, and the weight, repeated for each image."""
    x, weight = op.input, op.args["weight"]
    maps = prod(x.shape[:2])
    made = 2 * maps * 4 + (maps * weight.dtype.itemsize if weight is not None else 0)
    # The maps of all images are seen as channels of one, and copied where they cannot be.
    return _first_input(op, made) if is_contiguous(x) else SavedTensors((), made + x.nbytes)


def _indices(op: Op) -> tuple[Tensor, ...]:
    """The inputs that say where: indices and masks."""
    return tuple([tensor for tensor in op.inputs if not tensor.dtype.is_floating_point])


def _listed(index: Any) -> int:
    """Count the positions in lists within an index, of which torch makes tensors."""
    lists = [each for each in index if isinstance(each, tuple)] if isinstance(index, tuple) else []
    return sum(_listed(each) or len(each) for each in lists)


def _taken(op: Op) -> SavedTensors:
    """The input, and the indices as they were broadcast."""
    indices = op.args["indices"]
    if op.args["dim"] is None or indices.shape == op.output.shape:
        return SavedTensors((op.input, indices))
    return _first_input(op, op.output.numel * INDEX_BYTES)


def _dropout(op: Op) -> SavedTensors:
    """The mask of what was kept."""
    drops = op.args["training"] and 0 < op.args["p"] < 1
    whole_maps = op.kind != "dropout"
    return SavedTensors((), (prod(op.input.shape[:2]) * 4 if whole_maps else op.input.numel) if drops else 0)


def _normalize(op: Op) -> SavedTensors:
    """The input, its norms, and the norms bounded from below."""
    dim = op.args["dim"]
    dims = dim if isinstance(dim, tuple) else (dim,)
    return _first_input(op, 2 * op.input.nbytes // prod(op.input.shape[axis] for axis in dims))


def _recurrent(states: int) -> Callable[[Op], SavedTensors]:
    """Count what each layer reads, and `states` times its states: gates, cells and what they are mixed from.

    As torch's own loop over the steps has it; libraries that run all steps at once keep more.
    """

    def rule(op: Op) -> SavedTensors:
        sizes, initial = recurrent_sizes(op), op.args["hx"]
        first = (initial,) if isinstance(initial, Tensor) else tuple(initial)
        made = (states * sizes.states + sizes.between) * op.input.dtype.itemsize
        # Of several states the first step reads those that were given.
        given = sum(state.nbytes for state in first) if states > 1 else 0
        # Steps that do not lie one behind the other are copied, for each direction.
        if op.input.ndim == 3 and not is_contiguous(_steps_first(op)):
            return SavedTensors(first, made - given + sizes.directions * op.input.nbytes)
        return SavedTensors((op.input, *first), made - given)

    return rule


def _steps_first(op: Op) -> Tensor:
    """The input as the steps are taken from it, its batch behind them."""
    x = op.input
    if not op.args["batch_first"]:
        return x
    return replace(x, shape=(x.shape[1], x.shape[0], *x.shape[2:]), stride=(x.stride[1], x.stride[0], *x.stride[2:]))


def _cell(states: int) -> Callable[[Op], SavedTensors]:
    """The input, the states, and what one step makes."""

    def rule(op: Op) -> SavedTensors:
        initial = op.args["hx"]
        first = (initial,) if isinstance(initial, Tensor) else tuple(initial)
        return SavedTensors((op.inputs[0], *first), states * first[0].nbytes)

    return rule


_OF_THE_OP: dict[str, Callable[[Op], SavedTensors]] = {
    # In place, the input is copied before it is written over.
    INPUT: lambda op: SavedTensors((), op.inputs[0].nbytes) if op.is_inplace else _first_input(op),
    OUTPUT: lambda op: SavedTensors(op.outputs[:1]),
    EITHER: lambda op: SavedTensors(op.outputs[:1] if op.is_inplace else op.inputs[:1]),
    BOTH: _both,
    NOTHING: lambda _: NOTHING_SAVED,
    # Input and weight, whichever of them needs a gradient: one function computes both.
    CONVOLUTIONS: lambda op: SavedTensors(op.inputs[:2]),
    # Where it was selected: indices and masks.
    SELECTS: lambda op: SavedTensors(_indices(op)),
    "getitem": lambda op: SavedTensors(_indices(op), INDEX_BYTES * _listed(op.args["index"])),
    "gather": lambda op: SavedTensors(op.inputs[:2]),
    "take_along_dim": _taken,
    # Reflection and replication keep the input; zeros, and copies of slices (circular), keep nothing.
    "pad": lambda op: _first_input(op) if op.args["mode"] in ("reflect", "replicate") else NOTHING_SAVED,
    # x / (1 + |x|): the input and the divisor.
    "softsign": lambda op: _first_input(op, op.output.nbytes),
    "batch_norm": _batch_norm,
    "layer_norm": lambda op: _statistics(op, op.input.numel // prod(op.args["normalized_shape"])),
    "group_norm": lambda op: _statistics(op, op.input.shape[0] * op.args["num_groups"]),
    "instance_norm": _instance_norm,
    # The input and where each maximum was.
    MAX_POOLS: lambda op: _first_input(op, op.output.numel * INDEX_BYTES),
    # The input, unless it is averaged to one position: that is a mean, which keeps nothing.
    "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d": (
        lambda op: NOTHING_SAVED if set(op.args["output_size"]) == {1} else _first_input(op)
    ),
    DROPOUTS: _dropout,
    "gru lstm": _recurrent(7),
    "rnn_tanh rnn_relu": _recurrent(1),
    "gru_cell": _cell(6),
    "lstm_cell": _cell(5),
    "rnn_tanh_cell rnn_relu_cell": _cell(1),
    "normalize": _normalize,
    # The input, its padded square, and the sum before and after the power.
    "local_response_norm": lambda op: _first_input(op, 3 * op.input.nbytes),
    # The input, its power, and four steps from mean to root.
    "lp_pool1d lp_pool2d lp_pool3d": lambda op: _first_input(op, op.input.nbytes + 4 * op.output.nbytes),
    "amax amin": _both,
    "grid_sample": lambda op: SavedTensors(op.inputs[:2]),
    # Where each value was.
    "sort topk kthvalue": lambda op: SavedTensors(op.outputs[1:]),
    "msort": lambda op: SavedTensors((), op.output.numel * INDEX_BYTES),
}


def _needed(factors: tuple[Tensor, ...], needs: TensorIds) -> Iterator[Tensor]:
    for position, factor in enumerate(factors):
        if any(other.id in needs for other in (*factors[:position], *factors[position + 1 :])):
            yield factor


def _product(op: Op, needs: TensorIds) -> SavedTensors:
    """Each factor, if another factor needs a gradient. What is only added (`addmm`'s start) is no factor."""
    return SavedTensors(tuple(_needed(op.inputs[1:] if op.kind.startswith("add") else op.inputs, needs)))


def _matmul(op: Op, needs: TensorIds) -> SavedTensors:
    """As a product, of the copies where operands are copied first."""
    tensors, num_bytes = [], 0
    for factor in _needed(op.inputs[:2], needs):
        copied = rows_copy(op, factor) if op.kind == "linear" else operand_copy(op, factor)
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


def _attention(op: Op, needs: TensorIds) -> SavedTensors:
    """Query, key, value, result and the logarithm of each row's sum, as the fused kernel keeps them."""
    query, key, value = (op.args[name] for name in ("query", "key", "value"))
    if keeps_scores(op, needs):
        made = query.nbytes + key.nbytes + scores_bytes(op)
        return SavedTensors((value,), made) if folds(value, 2) else SavedTensors((), made + value.nbytes)
    return SavedTensors((query, key, value, op.output), op.output.numel // op.output.shape[-1] * 4)


def _extremum(op: Op, needs: TensorIds) -> SavedTensors:
    """Both of two tensors; the indices along an axis; input and result over all axes."""
    if len(op.inputs) > 1:
        return _product(op, needs)
    return SavedTensors(op.outputs[1:]) if len(op.outputs) > 1 else _both(op)


_OF_GRADIENTS: dict[str, Callable[[Op, TensorIds], SavedTensors]] = {
    PRODUCTS: _product,
    MATMULS: _matmul,
    "div": _quotient,
    "scaled_dot_product_attention": _attention,
    "max min median nanmedian": _extremum,
}
OP_RULES = {kind: rule for kinds, rule in _OF_THE_OP.items() for kind in kinds.split()}
GRADIENT_RULES = {kind: rule for kinds, rule in _OF_GRADIENTS.items() for kind in kinds.split()}
