"""Mismatches between the shapes of one call, by kind, and the edit that makes them fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import torch

from convwright.geometry import effective_kernel

from .construction import construction_place
from .module_tree import ModuleTree
from .records import Op, Place, Tensor, dtype_name


@dataclass(frozen=True, kw_only=True)
class FailedCall:
    """The call that failed, with what an explanation needs to know around it.

    Attributes
    ----------
    kind, args
        Kind and canonical arguments of the call.
    path : str
        Path of the module that was running.
    place : Place or None
        Source line of the call.
    ops : list of Op
        Ops recorded before it.
    tree : ModuleTree
        Modules and weights of the model.
    """

    kind: str
    args: dict[str, Any]
    path: str
    place: Place | None
    ops: list[Op]
    tree: ModuleTree

    def source_of(self, tensor: Tensor) -> str:
        """Return the module, op or input that `tensor` comes from, for a sentence."""
        if tensor.producer is None:
            return f"{tensor.role} `{tensor.name}`" if tensor.name else tensor.role
        op = self.ops[tensor.producer]
        return f"`{op.path}`" if op.path and op.path != self.path else op.kind

    def built_at(self, weight: Tensor) -> str:
        """Return ` (net.py:41)`, the line that built the module of a parameter or buffer; "" where it is not known."""
        place = construction_place(weight.name.rpartition(".")[0], self.tree.classes())
        return f" ({place})" if place else ""


class Mismatch(NamedTuple):
    """Parts of an error message: the expected value, the given one, and the edit that would fit."""

    expected: str
    got: str
    hint: str


Explainer = Callable[[FailedCall], Mismatch | None]


def explain(call: FailedCall) -> Mismatch | None:
    """Explain why the shapes of the call do not fit; None when that is not known for its kind."""
    return _explained_by(_EXPLAINERS, call)


def overlooked(call: FailedCall) -> Mismatch | None:
    """Explain what torch refuses on a real device and its meta kernel accepts; None when all is well."""
    return _explained_by(_OVERLOOKED, call)


def _explained_by(explainers: Mapping[str, Explainer], call: FailedCall) -> Mismatch | None:
    try:
        return explainers[call.kind](call) if call.kind in explainers else None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        # Arguments of another form than the kind's own; torch's message is then the better one.
        return None


def _dim(call: FailedCall) -> Mismatch | None:
    x, dim = call.args["input"], call.args["dim"]
    inside = type(dim) is not int or 0 <= dim < max(x.ndim, 1)
    return None if inside else Mismatch(f"dim below {x.ndim}", str(dim), f"{_shape_of(call, x)} has {x.ndim} axes")


def _dtype(call: FailedCall) -> Mismatch | None:
    x = call.args["input"]
    other = call.args["weight"] if "weight" in call.args else call.args["other"]
    if x.dtype == other.dtype or torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda"):
        return None
    hint = f"cast it: x.to({other.dtype})"
    return Mismatch(dtype_name(other.dtype), f"{dtype_name(x.dtype)} in {_shape_of(call, x)}", hint)


def _conv(call: FailedCall) -> Mismatch | None:
    x, weight, groups = call.args["input"], call.args["weight"], call.args["groups"]
    axes = weight.ndim - 2
    transposed = "transpose" in call.kind
    channels = weight.shape[0] if transposed else weight.shape[1] * groups
    if x.ndim not in (axes + 1, axes + 2):
        letters = ", ".join(("N", "C", *"DHW"[3 - axes :]))
        return Mismatch(f"a map ({letters})", _shape_of(call, x), _reshape_hint(x, channels))
    came = x.shape[-axes - 1]
    if came != channels:
        edit = f"set in_channels={came}{call.built_at(weight)}" if weight.name else "give the weight that many"
        hint = f"{edit} or pass an input with {channels}" if x.role == "input" else edit
        return Mismatch(f"{channels} channels", f"{came} in {_shape_of(call, x)}", hint)
    out, bias = weight.shape[1] * groups if transposed else weight.shape[0], call.args["bias"]
    if bias is not None and bias.shape != (out,):
        return Mismatch(
            f"a bias of {out} values", _shape_of(call, bias), "give the bias one value for each output channel"
        )
    if not transposed and out % groups:
        return Mismatch(
            f"output channels that {groups} groups divide", str(out), f"set out_channels={-(-out // groups) * groups}"
        )
    return None if transposed or isinstance(call.args["padding"], str) else _too_large(call, x, weight.shape[2:])


def _too_large(call: FailedCall, x: Tensor, kernel: Sequence[int]) -> Mismatch | None:
    padding = call.args["padding"]
    dilation = call.args.get("dilation", (1,) * len(kernel))
    taps = [effective_kernel(k, d) for k, d in zip(kernel, dilation, strict=True)]
    least = [max(1, t - 2 * p) for t, p in zip(taps, padding, strict=True)]
    sizes = x.shape[-len(kernel) :]
    if all(size >= needed for size, needed in zip(sizes, least, strict=True)):
        return None
    return Mismatch(
        f"a map of at least {_by(least)} px under a window of {_by(taps)}",
        f"{_by(sizes)} px in {_shape_of(call, x)}",
        "give a larger input, downsample less before it, pad more, or use a smaller kernel",
    )


def _pool(call: FailedCall) -> Mismatch | None:
    x, kernel, padding = call.args["input"], call.args["kernel_size"], call.args["padding"]
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        most = _by([k // 2 for k in kernel])
        return Mismatch(f"padding of at most half the window, {most}", _by(padding), f"set padding={kernel[0] // 2}")
    return _too_large(call, x, kernel)


def _linear(call: FailedCall) -> Mismatch | None:
    x, weight = call.args["input"], call.args["weight"]
    came, features = x.shape[-1], weight.shape[1]
    if came == features:
        return None
    where = call.built_at(weight) if weight.name else ""
    if x.ndim > 2 and prod(x.shape[1:]) == features:
        hint = "flatten the map first: x.flatten(1)"
    elif x.ndim > 2 and x.shape[1] == features:
        hint = "pool globally and flatten first: x.mean((2, 3))"
    elif x.ndim == 4:
        hint = f"pool globally or flatten first (in_features={x.shape[1]} or {prod(x.shape[1:])}{where})"
        hint += f"; for a channels-last map set in_features={came}"
    else:
        hint = f"set in_features={came}{where}"
        source = call.ops[x.producer].inputs[:1] if x.producer is not None else ()
        if source and source[0].ndim > 2 and prod(source[0].shape[2:]) > 1:
            hint += f" or pool globally first (then in_features={source[0].shape[1]})"
    return Mismatch(f"{features} features", f"{came} in {_shape_of(call, x)}", hint)


def _batch_norm(call: FailedCall) -> Mismatch | None:
    x = call.args["input"]
    known = next((call.args[name] for name in ("weight", "running_mean") if call.args[name] is not None), None)
    if known is not None and known.shape[0] != x.shape[1]:
        edit = f"set num_features={x.shape[1]}{call.built_at(known)}"
        return Mismatch(f"{known.shape[0]} channels", f"{x.shape[1]} in {_shape_of(call, x)}", edit)
    if call.args.get("training") and prod(x.shape) == x.shape[1]:
        hint = "trace a batch of 2 or more, or call model.eval() first"
        return Mismatch("more than one value per channel in train mode", _shape_of(call, x), hint)
    return None


def _layer_norm(call: FailedCall) -> Mismatch | None:
    x, shape = call.args["input"], tuple(call.args["normalized_shape"])
    weight = call.args["weight"]
    where = call.built_at(weight) if weight is not None else ""
    edit = f"set normalized_shape={x.shape[-len(shape) :]}{where}"
    return Mismatch(f"last axes {shape}", _shape_of(call, x), f"{edit}, or move the channels last first")


def _group_norm(call: FailedCall) -> Mismatch | None:
    x, groups, weight = call.args["input"], call.args["num_groups"], call.args["weight"]
    if weight is not None and weight.shape[0] != x.shape[1]:
        edit = f"set num_channels={x.shape[1]}{call.built_at(weight)}"
        return Mismatch(f"{weight.shape[0]} channels", f"{x.shape[1]} in {_shape_of(call, x)}", edit)
    fitting = max(n for n in range(1, groups + 1) if x.shape[1] % n == 0)
    return Mismatch(f"channels that {groups} groups divide", _shape_of(call, x), f"set num_groups={fitting}")


def _binary(call: FailedCall) -> Mismatch | None:
    x, y = call.args["input"], call.args["other"]
    got = f"{_shape_of(call, x)} and {_shape_of(call, y)}"
    if x.ndim == y.ndim and x.ndim > 2:
        unlike = [axis for axis, (n, m) in enumerate(zip(x.shape, y.shape, strict=True)) if n != m and 1 not in (n, m)]
        if unlike == [1]:
            hint = "give both branches as many channels, for instance by a 1x1 projection on the shortcut"
            return Mismatch("two tensors of one shape", got, f"{hint} ({x.shape[1]} and {y.shape[1]})")
        if 1 not in unlike:
            hint = "downsample both branches alike (stride, padding, kernel_size, or an odd input size rounded unlike)"
            return Mismatch("two tensors of one shape", got, hint)
    return Mismatch("two tensors of one shape, or sizes of 1 to spread", got, "make the shapes agree")


def _cat(call: FailedCall) -> Mismatch | None:
    tensors, dim = call.args["tensors"], call.args["dim"]
    first = tensors[0]
    other = next(t for t in tensors if t.ndim != first.ndim or _without(t, dim) != _without(first, dim))
    hint = "bring both to one size first: same stride and padding, a crop, or F.interpolate"
    return Mismatch(
        f"equal sizes except along dim {dim}", f"{_shape_of(call, first)} and {_shape_of(call, other)}", hint
    )


def _view(call: FailedCall) -> Mismatch | None:
    x = call.args["input"]
    shape = call.args.get("size") or call.args.get("shape") or ()
    known = prod(size for size in shape if size != -1)
    fits = x.numel % known == 0 if -1 in shape else known == x.numel
    if fits:
        return Mismatch("memory in row-major order", f"{_shape_of(call, x)} with strides {x.stride}", "use reshape")
    hint = f"one image holds {x.numel // x.shape[0]}: write x.flatten(1)"
    return Mismatch(f"elements that fill {tuple(shape)}", f"{x.numel} in {_shape_of(call, x)}", hint)


def _matmul(call: FailedCall) -> Mismatch | None:
    x, y = call.args["input"], call.args["other"]
    hint = "transpose one of them, or make the inner sizes equal"
    return Mismatch("inner sizes that agree", f"{_shape_of(call, x)} and {_shape_of(call, y)}", hint)


def _shape_of(call: FailedCall, tensor: Tensor) -> str:
    return f"{tensor.shape} from {call.source_of(tensor)}"


def _reshape_hint(x: Tensor, channels: int) -> str:
    if x.ndim == 2:
        return "convolve before flattening"
    return (
        f"add the batch axis: (1, {', '.join(map(str, x.shape))})" if x.shape[:1] == (channels,) else "reshape it first"
    )


def _without(tensor: Tensor, dim: int) -> tuple[int, ...]:
    return tensor.shape[:dim] + tensor.shape[dim + 1 :]


def _by(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))


_CONVS = [f"{conv}{axes}d" for conv in ("conv", "conv_transpose") for axes in (1, 2, 3)]
_EXPLAINERS: dict[str, Explainer] = {
    **dict.fromkeys(_CONVS, _conv),
    **{f"{how}_pool{axes}d": _pool for axes in (1, 2, 3) for how in ("max", "avg")},
    **dict.fromkeys(("add", "sub", "mul", "div"), _binary),
    **dict.fromkeys(("view", "reshape"), _view),
    **dict.fromkeys(("matmul", "bmm", "mm"), _matmul),
    "linear": _linear,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "cat": _cat,
}
_OVERLOOKED: dict[str, Explainer] = {
    **dict.fromkeys(_CONVS, lambda call: _dtype(call) or _conv(call)),
    **dict.fromkeys(("linear", "matmul", "bmm", "mm"), _dtype),
    **dict.fromkeys(("softmax", "log_softmax"), _dim),
}
OVERLOOKING = frozenset(_OVERLOOKED)
