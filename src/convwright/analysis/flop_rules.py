"""FLOPs of the ops that are no products of matrices: element-wise ops, norms, pooling, interpolation.

One FLOP is one addition, subtraction, multiplication, division, comparison, or one elementary function (exp, log,
sqrt, sin, erf, tanh, ...), whatever the dtype. These ops have no MACs. Ops that only move, select or draw numbers
cost nothing, and are known to. An element-wise op counts complex numbers as it counts real ones.
"""

from collections.abc import Callable, Mapping
from math import prod

from convwright.graph import Op, Tensor

from .op_cost import CostRule, OpCost

# FLOPs for one element of the result.
PER_OUTPUT = {
    "add sub mul div remainder fmod floor_divide pow maximum minimum eq ne lt le gt ge logical_and logical_or": 1,
    "logical_xor logical_not bitwise_and bitwise_or bitwise_xor bitwise_not atan2 heaviside isnan isinf isfinite": 1,
    "abs neg sign round floor ceil trunc frac reciprocal square sqrt rsqrt exp exp2 expm1 log log2 log10 log1p": 1,
    "sin cos tan asin acos atan sinh cosh erf erfc tanh nan_to_num relu threshold float_power": 1,
    "clamp_min clamp_max hypot": 1,
    "acosh asinh atanh copysign deg2rad rad2deg digamma lgamma erfinv fmax fmin nextafter sgn signbit sinc": 1,
    "i0 special_i0e special_i1 special_i1e bitwise_left_shift bitwise_right_shift isneginf isposinf": 1,
    "add_relu mul_relu xlogy": 2,
    "logit": 3,
    "quantize_per_tensor quantize_per_channel": 3,  # a quotient, rounded, plus the zero point
    "dequantize": 2,  # less the zero point, times the scale
    "relu6 hardtanh leaky_relu prelu rrelu hardshrink tanhshrink": 2,
    "lerp addcmul addcdiv softshrink softplus softsign cross linalg_cross": 3,
    "weight_norm": 3,  # square and sum, then the quotient of a row's length and its norm
    "logaddexp logaddexp2": 5,  # maximum, difference, exp, log1p, sum
    "sigmoid logsigmoid hardsigmoid elu celu selu": 4,  # sigmoid: 1 / (1 + exp(-x)); a negation too
    "silu hardswish gelu mish glu": 5,  # gelu by erf: x * 0.5 * (1 + erf(x / sqrt 2))
}
# FLOPs for one element of the first tensor read, summed or scanned over.
PER_INPUT = {
    "nansum nanmean index_reduce": 1,
    "sum mean prod amax amin max min argmax argmin any all cumsum cumprod cummax cummin fold aminmax": 1,
    "norm linalg_vector_norm linalg_norm count_nonzero": 2,
    "normalize logsumexp logcumsumexp": 3,
    "var std var_mean std_mean": 4,  # a mean, then difference, square and sum
    "cosine_similarity": 6,
    "pairwise_distance": 3,
    "index_add scatter_add scatter_reduce": 1,
    "kthvalue median nanmedian": 3,  # quickselect takes up to 3.4 comparisons for each value
}
MOVES = """
view reshape view_as reshape_as flatten unflatten ravel squeeze unsqueeze transpose permute t mT mH adjoint movedim
moveaxis expand expand_as broadcast_to broadcast_tensors repeat tile repeat_interleave contiguous clone detach alias to
float half double bfloat16 int long short bool byte type type_as copy cat stack hstack vstack dstack column_stack chunk
split split_with_sizes tensor_split hsplit vsplit dsplit unbind narrow select select_copy getitem setitem index_select
index_copy index_put index_fill gather take take_along_dim scatter masked_fill masked_scatter where roll flip fliplr
flipud rot90 pad unfold pixel_shuffle pixel_unshuffle channel_shuffle native_channel_shuffle zero fill identity
embedding complex one_hot tril triu diagonal diag diag_embed view_as_real view_as_complex real imag as_strided meshgrid
atleast_1d atleast_2d atleast_3d block_diag cartesian_prod max_unpool1d max_unpool2d max_unpool3d bernoulli uniform
normal random exponential geometric multinomial requires_grad pin_memory as_subclass positive conj resolve_conj
resolve_neg swapdims unsafe_chunk unsafe_split rename refine_names align_to new_tensor tensor as_tensor vmap
as_strided_scatter diagonal_scatter select_scatter slice_scatter diagflat fill_diagonal conj_physical combinations
"""

SOFTMAX_FLOPS = 5  # maximum, difference, exp, sum, quotient
_STATISTICS = 4  # mean; difference, square and sum of the variance
_SCALE_AND_SHIFT = 2
_TAPS = {"nearest": 0, "nearest-exact": 0, "linear": 2, "bilinear": 4, "trilinear": 8, "bicubic": 16}


def _flops(tensor: Tensor, each: int) -> OpCost:
    return OpCost(0, each * tensor.numel)


def _per_output(flops: int) -> CostRule:
    return lambda op: _flops(op.output, flops)


def _per_input(flops: int) -> CostRule:
    return lambda op: _flops(op.inputs[0], flops)


def _clamp(op: Op) -> OpCost:
    bounds = sum(op.args.get(name) is not None for name in ("min", "max"))
    return _flops(op.output, max(bounds, 1))


def _batch_norm(op: Op) -> OpCost:
    """One scale and one shift a channel, which in training follow from the batch's statistics."""
    uses_batch = op.args["training"] or op.args["running_mean"] is None
    return _flops(op.inputs[0], _SCALE_AND_SHIFT + _STATISTICS * uses_batch)


def _sort(op: Op) -> OpCost:
    """log2 n comparisons for each of n values along the axis, rounded up."""
    axis = 0 if op.kind == "msort" else op.args["dim"]
    return _flops(op.inputs[0], (op.inputs[0].shape[axis] - 1).bit_length() if op.inputs[0].ndim else 0)


def _topk(op: Op) -> OpCost:
    """log2 (k + 1) comparisons for each value with a heap of the k found so far, rounded up."""
    return _flops(op.inputs[0], op.args["k"].bit_length())


def _lp_pool(op: Op) -> OpCost:
    """A power and an addition a pixel of each window, and a root."""
    kernel = op.args["kernel_size"]
    return _flops(op.output, 2 * (prod(kernel) if isinstance(kernel, tuple) else kernel) + 1)


def _adaptive_pool(op: Op) -> OpCost:
    """Windows reach from floor(i * in / out) to ceil((i + 1) * in / out), so that they may overlap."""
    axes = len(op.args["output_size"])
    before, after = op.inputs[0].shape, op.output.shape
    pixels = 1
    for size, positions in zip(before[-axes:], after[-axes:], strict=True):
        pixels *= sum(-(-(i + 1) * size // positions) - i * size // positions for i in range(positions))
    return OpCost(0, prod(before[:-axes]) * pixels)


def _interpolate(op: Op) -> OpCost:
    """A product for each pixel mixed, and their sum; nearest copies, area averages."""
    if op.args["mode"] == "area":
        return OpCost(0, max(op.inputs[0].numel, op.output.numel))
    return _flops(op.output, max(2 * _TAPS[op.args["mode"]] - 1, 0))


def _grid_sample(op: Op) -> OpCost:
    """Each coordinate mapped to pixels (a product and a sum), then the mix."""
    mode = op.args["mode"]
    taps = _TAPS["trilinear"] if mode == "bilinear" and op.output.ndim == 5 else _TAPS[mode]
    return OpCost(0, 2 * op.args["grid"].numel + op.output.numel * max(2 * taps - 1, 0))


def _diff(op: Op) -> OpCost:
    """A difference for each element of each round, and every round has one position more than the next."""
    rounds, length = op.args["n"], op.output.shape[op.args["dim"]]
    return OpCost(0, op.output.numel // length * sum(range(length, length + rounds)))


_SHAPED: dict[str, CostRule] = {
    "clamp clip": _clamp,
    # The tanh form takes 9: 0.5 * x * (1 + tanh(c * (x + d * x * x * x))).
    "gelu": lambda op: _flops(op.output, 9 if op.args["approximate"] == "tanh" else 5),
    # Mask and rescale in training, nothing otherwise.
    "dropout dropout1d dropout2d dropout3d alpha_dropout feature_dropout feature_alpha_dropout": (
        lambda op: _flops(op.output, 2 if op.args["training"] and op.args["p"] else 0)
    ),
    "batch_norm": _batch_norm,
    # Statistics of the sample, then normalization, then the affine map if there is one.
    "layer_norm group_norm instance_norm": (
        lambda op: _flops(op.inputs[0], _STATISTICS + 2 + _SCALE_AND_SHIFT * (op.args["weight"] is not None))
    ),
    # Square and sum, then a quotient, then the scale if there is one.
    "rms_norm": lambda op: _flops(op.inputs[0], 3 + (op.args["weight"] is not None)),
    # A square, a window of channels summed, then scale, shift, power and quotient.
    "local_response_norm": lambda op: _flops(op.inputs[0], op.args["size"] + 5),
    "softmax log_softmax softmin gumbel_softmax": _per_output(SOFTMAX_FLOPS),
    # One comparison or addition a pixel of each window.
    "max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d": (
        lambda op: _flops(op.output, prod(op.args["kernel_size"]))
    ),
    "lp_pool1d lp_pool2d lp_pool3d": _lp_pool,
    "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d": _adaptive_pool,
    "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d": _adaptive_pool,
    "sort argsort msort": _sort,
    "topk": _topk,
    "diff": _diff,
    "interpolate upsample": _interpolate,
    "grid_sample": _grid_sample,
    MOVES: _per_output(0),
}


def _by_kind(table: Mapping[str, int], rule: Callable[[int], CostRule]) -> dict[str, CostRule]:
    return {kind: rule(flops) for kinds, flops in table.items() for kind in kinds.split()}


FLOP_RULES: dict[str, CostRule] = {
    **_by_kind(PER_OUTPUT, _per_output),
    **_by_kind(PER_INPUT, _per_input),
    **{kind: rule for kinds, rule in _SHAPED.items() for kind in kinds.split()},
}
