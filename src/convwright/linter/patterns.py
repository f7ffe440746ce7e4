"""Kinds of ops that rules share (linear ops, activations, norms) and tests for them (depthwise, pointwise, strided)."""

from math import prod

from ..geometry import effective_kernel
from ..graph import Op, Tensor

CONVS = ("conv1d", "conv2d", "conv3d")
TRANSPOSED = ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
LINEAR = (*CONVS, *TRANSPOSED, "linear")
NORMS = ("batch_norm", "instance_norm", "group_norm", "layer_norm", "rms_norm", "local_response_norm")
SATURATING = ("sigmoid", "tanh", "hardsigmoid", "hardtanh", "softsign", "log_sigmoid", "logsigmoid")
RECTIFIERS = ("relu", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "selu", "celu", "gelu", "silu", "mish")
ACTIVATIONS = (*RECTIFIERS, "hardswish", "softplus", "threshold", "glu", *SATURATING)
MAX_POOLS = ("max_pool1d", "max_pool2d", "max_pool3d", "adaptive_max_pool2d", "amax")
AVERAGE_POOLS = ("avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool2d", "mean")
DROPOUTS = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")
# Ops that pass every value on, in eval mode, and leave it where it is.
SILENT = frozenset((*DROPOUTS, "contiguous", "to", "clone", "detach", "identity", "type_as"))
# Ops that keep every value, in another shape.
RESHAPES = frozenset(("flatten", "reshape", "view", "squeeze", "unsqueeze"))


def is_map(tensor: Tensor) -> bool:
    """Return True if it has the shape (N, C, H, W)."""
    return tensor.ndim == 4


def spatial(tensor: Tensor) -> tuple[int, ...]:
    """Its sizes after batch and channels: (H, W) of a map, () of a table of features."""
    return tensor.shape[2:]


def is_depthwise(op: Op) -> bool:
    """Return True if a convolution has as many groups as input channels, and more than one."""
    groups = op.args.get("groups", 1)
    return bool(op.kind in CONVS and groups > 1 and groups == op.input.shape[1])


def is_pointwise(op: Op) -> bool:
    """Return True if a convolution has a window of one position."""
    return op.kind in CONVS and prod(op.args["kernel_size"]) == 1


def in_channels(op: Op) -> int:
    """Channels (features, of a linear op) that it reads."""
    return op.input.shape[-1] if op.kind == "linear" else op.input.shape[1]


def out_channels(op: Op) -> int:
    """Channels (features) that it makes."""
    return op.output.shape[-1] if op.kind == "linear" else op.output.shape[1]


def window(op: Op) -> tuple[int, ...]:
    """Effective kernel of a convolution or pool, for each spatial axis."""
    kernel = op.args["kernel_size"]
    dilation = op.args.get("dilation") or (1,) * len(kernel)
    return tuple(effective_kernel(k, d) for k, d in zip(kernel, dilation, strict=True))


def is_strided(op: Op) -> bool:
    """Return True if a convolution or pool has a stride above 1."""
    return max(op.args.get("stride") or (1,), default=1) > 1


def is_global_pool(op: Op) -> bool:
    """Return True if an op turns each channel of a map into one value."""
    if op.kind not in (*AVERAGE_POOLS, *MAX_POOLS) or op.input.ndim < 3 or not op.outputs:
        return False
    return op.input.shape[:2] == op.output.shape[:2] and prod(op.output.shape[2:]) == 1 < prod(op.input.shape[2:])


def is_dense_conv(op: Op) -> bool:
    """Return True if it is a 2d convolution in which every output channel reads every input channel."""
    return op.kind == "conv2d" and op.args["groups"] == 1


def is_rectifier(op: Op) -> bool:
    """Return True if an activation cuts off or flattens one side: `nn.ReLU6` is a hard tanh from 0 to 6."""
    return op.kind in (*RECTIFIERS, "hardswish") or (op.kind == "hardtanh" and op.args["min_val"] >= 0)
