"""What is wrong between the shapes of one call, by kind, and the edit that makes them fit."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import NamedTuple

import torch

from convwright.geometry import effective_kernel

from .records import Tensor, dtype_name
from .scene import Scene


class Reason(NamedTuple):
    """The parts of an error message."""

    expected: str
    got: str
    hint: str


Explainer = Callable[[Scene], Reason | None]


def explain(scene: Scene) -> Reason | None:
    """Why the shapes of the call do not fit; None when that is not known for its kind."""
    return _asked(_EXPLAINERS, scene)


def overlooked(scene: Scene) -> Reason | None:
    """What torch refuses on a real device and its meta kernel lets pass; None when all is well."""
    return _asked(_OVERLOOKED, scene)


def _asked(explainers: Mapping[str, Explainer], scene: Scene) -> Reason | None:
    try:
        return explainers[scene.kind](scene) if scene.kind in explainers else None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        # Arguments of another form than the kind's own; torch's message is then the better one.
        return None


def _dim(scene: Scene) -> Reason | None:
    x, dim = scene.args["input"], scene.args["dim"]
    inside = type(dim) is not int or 0 <= dim < max(x.ndim, 1)
    return None if inside else Reason(f"dim below {x.ndim}", str(dim), f"{_came(scene, x)} has {x.ndim} axes")


def _dtype(scene: Scene) -> Reason | None:
    x = scene.args["input"]
    other = scene.args["weight"] if "weight" in scene.args else scene.args["other"]
    if x.dtype == other.dtype or torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda"):
        return None
    hint = f"cast it: x.to({other.dtype})"
    return Reason(dtype_name(other.dtype), f"{dtype_name(x.dtype)} in {_came(scene, x)}", hint)


def _conv(scene: Scene) -> Reason | None:
    x, weight, groups = scene.args["input"], scene.args["weight"], scene.args["groups"]
    axes = weight.ndim - 2
    transposed = "transpose" in scene.kind
    channels = weight.shape[0] if transposed else weight.shape[1] * groups
    if x.ndim not in (axes + 1, axes + 2):
        letters = ", ".join(("N", "C", *"DHW"[3 - axes :]))
        return Reason(f"a map ({letters})", _came(scene, x), _reshape_hint(x, channels))
    came = x.shape[-axes - 1]
    if came != channels:
        edit = (
            f"set in_channels={came}{scene.built(scene.owner(weight))}" if weight.name else "give the weight that many"
        )
        hint = f"{edit} or pass an input with {channels}" if x.role == "input" else edit
        return Reason(f"{channels} channels", f"{came} in {_came(scene, x)}", hint)
    out, bias = weight.shape[1] * groups if transposed else weight.shape[0], scene.args["bias"]
    if bias is not None and bias.shape != (out,):
        return Reason(f"a bias of {out} values", _came(scene, bias), "give the bias one value for each output channel")
    if not transposed and out % groups:
        return Reason(
            f"output channels that {groups} groups divide", str(out), f"set out_channels={-(-out // groups) * groups}"
        )
    return None if transposed or isinstance(scene.args["padding"], str) else _too_large(scene, x, weight.shape[2:])


def _too_large(scene: Scene, x: Tensor, kernel: Sequence[int]) -> Reason | None:
    padding = scene.args["padding"]
    dilation = scene.args.get("dilation", (1,) * len(kernel))
    taps = [effective_kernel(k, d) for k, d in zip(kernel, dilation, strict=True)]
    least = [max(1, t - 2 * p) for t, p in zip(taps, padding, strict=True)]
    sizes = x.shape[-len(kernel) :]
    if all(size >= needed for size, needed in zip(sizes, least, strict=True)):
        return None
    return Reason(
        f"a map of at least {_by(least)} px under a window of {_by(taps)}",
        f"{_by(sizes)} px in {_came(scene, x)}",
        "give a larger input, downsample less before it, pad more, or use a smaller kernel",
    )


def _pool(scene: Scene) -> Reason | None:
    x, kernel, padding = scene.args["input"], scene.args["kernel_size"], scene.args["padding"]
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        most = _by([k // 2 for k in kernel])
        return Reason(f"padding of at most half the window, {most}", _by(padding), f"set padding={kernel[0] // 2}")
    return _too_large(scene, x, kernel)


def _linear(scene: Scene) -> Reason | None:
    x, weight = scene.args["input"], scene.args["weight"]
    came, features = x.shape[-1], weight.shape[1]
    if came == features:
        return None
    where = scene.built(scene.owner(weight)) if weight.name else ""
    if x.ndim > 2 and prod(x.shape[1:]) == features:
        hint = "flatten the map first: x.flatten(1)"
    elif x.ndim > 2 and x.shape[1] == features:
        hint = "pool globally and flatten first: x.mean((2, 3))"
    elif x.ndim == 4:
        hint = f"pool globally or flatten first (in_features={x.shape[1]} or {prod(x.shape[1:])}{where})"
        hint += f"; for a channels-last map set in_features={came}"
    else:
        hint = f"set in_features={came}{where}"
        source = scene.ops[x.producer].inputs[:1] if x.producer is not None else ()
        if source and source[0].ndim > 2 and prod(source[0].shape[2:]) > 1:
            hint += f" or pool globally first (then in_features={source[0].shape[1]})"
    return Reason(f"{features} features", f"{came} in {_came(scene, x)}", hint)


def _batch_norm(scene: Scene) -> Reason | None:
    x = scene.args["input"]
    known = next((scene.args[name] for name in ("weight", "running_mean") if scene.args[name] is not None), None)
    if known is not None and known.shape[0] != x.shape[1]:
        edit = f"set num_features={x.shape[1]}{scene.built(scene.owner(known))}"
        return Reason(f"{known.shape[0]} channels", f"{x.shape[1]} in {_came(scene, x)}", edit)
    if scene.args.get("training") and prod(x.shape) == x.shape[1]:
        hint = "trace a batch of 2 or more, or call model.eval() first"
        return Reason("more than one value per channel in train mode", _came(scene, x), hint)
    return None


def _layer_norm(scene: Scene) -> Reason | None:
    x, shape = scene.args["input"], tuple(scene.args["normalized_shape"])
    weight = scene.args["weight"]
    where = scene.built(scene.owner(weight)) if weight is not None else ""
    edit = f"set normalized_shape={x.shape[-len(shape) :]}{where}"
    return Reason(f"last axes {shape}", _came(scene, x), f"{edit}, or move the channels last first")


def _group_norm(scene: Scene) -> Reason | None:
    x, groups, weight = scene.args["input"], scene.args["num_groups"], scene.args["weight"]
    if weight is not None and weight.shape[0] != x.shape[1]:
        edit = f"set num_channels={x.shape[1]}{scene.built(scene.owner(weight))}"
        return Reason(f"{weight.shape[0]} channels", f"{x.shape[1]} in {_came(scene, x)}", edit)
    fitting = max(n for n in range(1, groups + 1) if x.shape[1] % n == 0)
    return Reason(f"channels that {groups} groups divide", _came(scene, x), f"set num_groups={fitting}")


def _binary(scene: Scene) -> Reason | None:
    x, y = scene.args["input"], scene.args["other"]
    got = f"{_came(scene, x)} and {_came(scene, y)}"
    if x.ndim == y.ndim and x.ndim > 2:
        unlike = [axis for axis, (n, m) in enumerate(zip(x.shape, y.shape, strict=True)) if n != m and 1 not in (n, m)]
        if unlike == [1]:
            hint = "give both branches as many channels, for instance by a 1x1 projection on the shortcut"
            return Reason("two tensors of one shape", got, f"{hint} ({x.shape[1]} and {y.shape[1]})")
        if 1 not in unlike:
            hint = "downsample both branches alike (stride, padding, kernel_size, or an odd input size rounded unlike)"
            return Reason("two tensors of one shape", got, hint)
    return Reason("two tensors of one shape, or sizes of 1 to spread", got, "make the shapes agree")


def _cat(scene: Scene) -> Reason | None:
    tensors, dim = scene.args["tensors"], scene.args["dim"]
    first = tensors[0]
    other = next(t for t in tensors if t.ndim != first.ndim or _without(t, dim) != _without(first, dim))
    hint = "bring both to one size first: same stride and padding, a crop, or F.interpolate"
    return Reason(f"equal sizes except along dim {dim}", f"{_came(scene, first)} and {_came(scene, other)}", hint)


def _view(scene: Scene) -> Reason | None:
    x = scene.args["input"]
    shape = scene.args.get("size") or scene.args.get("shape") or ()
    known = prod(size for size in shape if size != -1)
    fits = x.numel % known == 0 if -1 in shape else known == x.numel
    if fits:
        return Reason("memory in row-major order", f"{_came(scene, x)} with strides {x.stride}", "use reshape")
    hint = f"one image holds {x.numel // x.shape[0]}: write x.flatten(1)"
    return Reason(f"elements that fill {tuple(shape)}", f"{x.numel} in {_came(scene, x)}", hint)


def _matmul(scene: Scene) -> Reason | None:
    x, y = scene.args["input"], scene.args["other"]
    hint = "transpose one of them, or make the inner sizes equal"
    return Reason("inner sizes that agree", f"{_came(scene, x)} and {_came(scene, y)}", hint)


def _came(scene: Scene, tensor: Tensor) -> str:
    return f"{tensor.shape} from {scene.giver(tensor)}"


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
    **dict.fromkeys(_CONVS, lambda scene: _dtype(scene) or _conv(scene)),
    **dict.fromkeys(("linear", "matmul", "bmm", "mm"), _dtype),
    **dict.fromkeys(("softmax", "log_softmax"), _dim),
}
OVERLOOKING = frozenset(_OVERLOOKED)
