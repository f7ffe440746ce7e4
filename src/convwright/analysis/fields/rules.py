"""The table of rules: what every kind of op does to the intervals of the tensors it reads."""

from collections.abc import Callable

from convwright.graph import Op
from convwright.graph.packed_weights import LINEARS

from . import assignment, indexing, mixing, unfold, views, windows
from .field_pass import ReceptiveFieldPass, TensorField

FieldRule = Callable[[ReceptiveFieldPass, Op], TensorField | list[TensorField]]

_ELEMENTWISE = """
abs acos acosh add addcdiv addcmul alpha_dropout angle asin asinh atan atan2 atanh bernoulli bfloat16 bitwise_and
bitwise_not bitwise_or bitwise_xor bool byte ceil celu clamp clamp_max clamp_min clone contiguous
copysign cos cosh deg2rad detach digamma div dropout dropout1d dropout2d dropout3d double elu eq erf erfc erfinv exp
exp2 expm1 fake_quantize_per_tensor_affine feature_alpha_dropout feature_dropout fill fix float float_power floor
floor_divide fmax fmin fmod frac full_like ge gelu gt half hardshrink hardsigmoid hardswish hardtanh heaviside hypot
isfinite isinf isnan int le leaky_relu lerp lgamma log log10 log1p log2 log_sigmoid logaddexp
logaddexp2 logical_and logical_not logical_or logical_xor logit logsigmoid long lt masked_fill maximum minimum mish mul
nan_to_num ne neg nextafter ones_like positive pow prelu rad2deg rand_like randn_like reciprocal relu relu6 remainder
requires_grad resolve_conj resolve_neg round rrelu rsqrt selu sgn sigmoid sign signbit silu sin sinc sinh softplus
softshrink softsign sqrt square sub tan tanh tanhshrink threshold to trunc type type_as where xlogy zero zeros_like
add_relu mul_relu dequantize quantize_per_channel quantize_per_tensor real imag
"""
_REDUCTIONS = """
all amax amin aminmax any argmax argmin count_nonzero frobenius_norm linalg_norm linalg_vector_norm logsumexp max mean
median min mode nanmean nanmedian nansum norm nuclear_norm prod quantile std std_mean sum var var_mean
"""

RULES: dict[str, FieldRule] = {
    **dict.fromkeys(_ELEMENTWISE.split(), mixing.elementwise),
    **dict.fromkeys(_REDUCTIONS.split(), mixing.reduction),
    **dict.fromkeys(("softmax", "log_softmax", "softmin", "gumbel_softmax"), mixing.softmax),
    **dict.fromkeys(("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp"), mixing.running),
    **dict.fromkeys(("sort", "argsort", "topk", "kthvalue"), mixing.sorting),
    "diff": mixing.differences,
    **windows.RULES,
    **dict.fromkeys(("view", "reshape", "flatten", "unflatten", "view_as", "reshape_as", "ravel"), views.view),
    **dict.fromkeys(("transpose", "t", "mT", "adjoint", "mH"), views.transpose),
    **dict.fromkeys(("movedim", "moveaxis"), views.movedim),
    **dict.fromkeys(("expand", "expand_as", "broadcast_to"), views.expand),
    **dict.fromkeys(("repeat", "tile"), views.repeat),
    **dict.fromkeys(("split", "chunk", "tensor_split", "split_with_sizes"), views.split),
    **dict.fromkeys(("index_select", "gather", "take_along_dim"), indexing.gathered),
    **dict.fromkeys(("matmul", "bmm", "mm", "mv"), mixing.matrix_product),
    **dict.fromkeys(("layer_norm", "rms_norm"), mixing.layer_norm),
    **dict.fromkeys(
        ("index_add", "index_copy", "index_put", "masked_scatter", "scatter", "scatter_add"), assignment.placed
    ),
    "setitem": assignment.setitem,
    "copy": assignment.copied,
    "squeeze": views.squeeze,
    "unsqueeze": views.unsqueeze,
    "permute": views.permute,
    "flip": views.flip,
    "roll": views.roll,
    "repeat_interleave": views.repeat_interleave,
    **dict.fromkeys(("unbind", "vmap"), views.unbind),
    "narrow": views.narrow,
    "select": views.select,
    "getitem": indexing.getitem,
    "cat": views.cat,
    "stack": views.stack,
    "unfold": unfold.im2col,
    "fold": unfold.col2im,
    "grid_sample": windows.grid_sample,
    **dict.fromkeys(("glu", "channel_shuffle", "local_response_norm"), mixing.channels),
    **dict.fromkeys(("roi_align", "roi_pool", "ps_roi_align", "ps_roi_pool"), mixing.regions),
    "normalize": mixing.normalize,
    "batch_norm": mixing.batch_norm,
    "group_norm": mixing.group_norm,
    "instance_norm": mixing.instance_norm,
    **dict.fromkeys(("linear", *LINEARS), mixing.linear),
    "einsum": mixing.einsum,
    "scaled_dot_product_attention": mixing.attention,
}
