"""MACs of the ops that multiply and accumulate: convolutions, matrix products, attention, recurrent cells.

A product of n terms is n MACs and 2n FLOPs. What is added to the sums (a bias, a mask) is FLOPs only.
"""

from functools import cache
from math import isqrt, prod

from convwright.graph import Op
from convwright.graph.packed_weights import CONVOLUTIONS, LINEARS

from .einsum import contraction_cost
from .flop_rules import SOFTMAX_FLOPS
from .op_cost import CostRule, OpCost
from .recurrent import recurrent_sizes


def _product(macs: int, more_flops: int = 0) -> OpCost:
    return OpCost(macs, 2 * macs + more_flops)


def _biases(op: Op) -> int:
    return op.output.numel if op.has_bias else 0


def _deform_conv(op: Op) -> OpCost:
    """A convolution whose every tap is read between four pixels: 4 products and 3 sums, FLOPs only."""
    features, weight = op.inputs[:2]
    outputs = op.output.numel
    taps = outputs // op.output.shape[1] * features.shape[1] * prod(weight.shape[2:])
    return _product(outputs * prod(weight.shape[1:]), 7 * taps + outputs)


def _bilinear(op: Op) -> OpCost:
    """x1 A x2 for each output feature: first x1 A, then its product with x2."""
    _, left, right = op.args["weight"].shape
    return _product(op.output.numel * (left * right + right), _biases(op))


def _added_product(op: Op) -> OpCost:
    """`addmm` and its like: input + left @ right; `addbmm` also sums over the batch."""
    start, left, right = op.inputs[:3]
    products = left.numel * (right.shape[-1] if right.ndim > 1 else right.numel if op.kind == "addr" else 1)
    return _product(products, max(start.numel, op.output.numel))


def _tensordot(op: Op) -> OpCost:
    """Sizes are (free1, summed), (summed, free2) and (free1, free2): the product of all three is a square."""
    left, right = op.inputs[:2]
    return _product(isqrt(left.numel * right.numel * op.output.numel))


def _chain(op: Op) -> OpCost:
    """A product of several matrices, in the order that takes the fewest MACs.

    Source: Cormen et al. 2009, "Introduction to Algorithms", section 15.2.
    """
    shapes = [tensor.shape for tensor in next(value for value in op.args.values() if isinstance(value, tuple))]
    first = (1, *shapes[0]) if len(shapes[0]) == 1 else shapes[0]
    sizes = [*first, *(shape[-1] if len(shape) > 1 else 1 for shape in shapes[1:])]

    @cache
    def cheapest(start: int, end: int) -> int:
        parts = range(start + 1, end)
        return min(
            (cheapest(start, k) + cheapest(k, end) + sizes[start] * sizes[k] * sizes[end] for k in parts), default=0
        )

    return _product(cheapest(0, len(sizes) - 1))


def _matrix_power(op: Op) -> OpCost:
    """By repeated squaring: a product for each binary digit but the first, and for each further one that is set."""
    power = op.args["n"]
    if power < 0:
        raise ValueError("an inverse, which no rule counts")
    products = power.bit_length() + power.bit_count() - 2 if power else 0
    return _product(products * op.output.numel * op.output.shape[-1])


def _conv_tbc(op: Op) -> OpCost:
    """A convolution over time, of (time, batch, channels) with (kernel, in, out)."""
    return _product(op.output.numel * prod(op.args["weight"].shape[:2]), op.output.numel)


def _affine_grid(op: Op) -> OpCost:
    """Each position, with a one behind it, times the matrix."""
    return _product(op.output.numel * op.args["theta"].shape[-1])


def _attention(op: Op) -> OpCost:
    """Scores (query @ key) and their mix (scores @ value); scale, mask and softmax are FLOPs only."""
    query, key, value = op.args["query"], op.args["key"], op.args["value"]
    scores = query.numel // query.shape[-1] * key.shape[-2]
    masked = op.args["attn_mask"] is not None or bool(op.args["is_causal"])
    return _product(scores * (query.shape[-1] + value.shape[-1]), scores * (1 + masked + SOFTMAX_FLOPS))


# FLOPs an element of the state of a recurrent cell costs beside the products: biases, sigmoid 4, tanh 1 and the mix of
# old and new state.
_LSTM_FLOPS = 8 + 3 * 4 + 2 * 1 + 4
_GRU_FLOPS = 6 + 2 * 4 + 1 + 4
_RNN_FLOPS = 2 + 1


def _quantized(op: Op) -> OpCost:
    """As without quantization; what is fused with it (relu, add) is one FLOP an element."""
    fused = op.kind.count("_relu") + op.kind.count("_add")
    return _product(op.output.numel * prod(op.args["weight"].shape[1:]), _biases(op) + fused * op.output.numel)


def _recurrent(flops_per_state: int) -> CostRule:
    """Every step multiplies each weight matrix once."""

    def rule(op: Op) -> OpCost:
        sizes = recurrent_sizes(op)
        return _product(sizes.steps * sum(map(prod, sizes.matrices)), sizes.states * flops_per_state)

    return rule


def _cell(flops_per_state: int) -> CostRule:
    def rule(op: Op) -> OpCost:
        sequence, to_gates, between = op.inputs[0], op.args["w_ih"], op.args["w_hh"]
        steps = sequence.numel // sequence.shape[-1]
        return _product(steps * (to_gates.numel + between.numel), steps * between.shape[-1] * flops_per_state)

    return rule


_RULES: dict[str, CostRule] = {
    # Every output sums in_channels / groups * kernel products.
    "conv1d conv2d conv3d": lambda op: _product(op.output.numel * prod(op.args["weight"].shape[1:]), _biases(op)),
    # Every input is multiplied into out_channels / groups * kernel places.
    "conv_transpose1d conv_transpose2d conv_transpose3d": (
        lambda op: _product(op.args["input"].numel * prod(op.args["weight"].shape[1:]), _biases(op))
    ),
    "deform_conv2d": _deform_conv,
    " ".join((*CONVOLUTIONS, *LINEARS)): _quantized,
    "conv_tbc": _conv_tbc,
    # Every output sums in_features products, over any number of leading axes.
    "linear": lambda op: _product(op.output.numel * op.args["weight"].shape[-1], _biases(op)),
    "bilinear": _bilinear,
    # Every output sums as many products as the left operand has columns.
    "matmul mm bmm mv dot vdot inner linalg_matmul linalg_vecdot": (
        lambda op: _product(op.output.numel * op.inputs[0].shape[-1])
    ),
    "addmm baddbmm addbmm addmv addr": _added_product,
    "tensordot": _tensordot,
    "linalg_multi_dot chain_matmul": _chain,
    "matrix_power linalg_matrix_power": _matrix_power,
    "affine_grid": _affine_grid,
    "outer ger kron": lambda op: _product(op.output.numel),
    # A difference, a power and a sum a feature: no products of two inputs.
    "cdist": lambda op: OpCost(0, op.output.numel * (3 * op.inputs[0].shape[-1] + 1)),
    "einsum": lambda op: contraction_cost(op.args["equation"], op.args["operands"]),
    "scaled_dot_product_attention": _attention,
    "lstm": _recurrent(_LSTM_FLOPS),
    "gru": _recurrent(_GRU_FLOPS),
    "rnn_tanh rnn_relu": _recurrent(_RNN_FLOPS),
    "lstm_cell": _cell(_LSTM_FLOPS),
    "gru_cell": _cell(_GRU_FLOPS),
    "rnn_tanh_cell rnn_relu_cell": _cell(_RNN_FLOPS),
}
MAC_RULES: dict[str, CostRule] = {kind: rule for kinds, rule in _RULES.items() for kind in kinds.split()}
