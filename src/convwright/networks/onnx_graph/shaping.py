"""Operators of ONNX that arrange, choose and resize."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .node_call import NodeCall, as_tensor

_PAD_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
_LINEAR = {3: "linear", 4: "bilinear", 5: "trilinear"}
_PIXEL_CENTERS = ("half_pixel", "pytorch_half_pixel")


def _reshape(call: NodeCall) -> Tensor:
    x, sizes = call.tensor(0), call.numbers(1, "shape")
    if not call.attribute("allowzero", 0):
        sizes = [x.shape[axis] if size == 0 else size for axis, size in enumerate(sizes)]
    return x.reshape(sizes)


def _flatten(call: NodeCall) -> Tensor:
    x, axis = call.tensor(0), call.attribute("axis", 1)
    axis = axis + x.ndim if axis < 0 else axis
    return x.flatten(1) if axis == 1 else x.reshape(math.prod(x.shape[:axis]), -1)


def _transpose(call: NodeCall) -> Tensor:
    x = call.tensor(0)
    return x.permute(tuple(call.attribute("perm", reversed(range(x.ndim)))))


def _squeeze(call: NodeCall) -> Tensor:
    x, axes = call.tensor(0), call.numbers(1, "axes")
    return x.squeeze() if axes is None else x.squeeze(tuple(axes))


def _unsqueeze(call: NodeCall) -> Tensor:
    x, axes = call.tensor(0), call.numbers(1, "axes")
    axes = axes if isinstance(axes, list) else [axes]
    for axis in sorted(axis % (x.ndim + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _split(call: NodeCall) -> Sequence[Tensor]:
    x, axis, sizes = call.tensor(0), call.attribute("axis", 0), call.numbers(1, "split")
    count = call.attribute("num_outputs", call.num_outputs)
    return torch.split(x, sizes if sizes is not None else -(-x.shape[axis] // count), axis)


def _slice(call: NodeCall) -> Any:
    x = call.tensor(0)
    starts, ends = call.numbers(1, "starts"), call.numbers(2, "ends")
    axes = call.numbers(3, "axes")
    steps = call.numbers(4) or [1] * len(starts)
    if min(steps) < 1:
        return NotImplemented
    index: list[Any] = [slice(None)] * x.ndim
    for axis, start, end, step in zip(axes or range(len(starts)), starts, ends, steps, strict=True):
        index[axis] = slice(start, end, step)
    return x[tuple(index)]


def _gather(call: NodeCall) -> Tensor:
    x, axis, places = call.tensor(0), call.attribute("axis", 0), call.inputs[1]
    axis = axis + x.ndim if axis < 0 else axis
    if isinstance(places, np.ndarray) and places.ndim == 0:
        return x.select(axis, int(places))
    indices = call.tensor(1)
    if axis == 0 and x.ndim == 2 and not isinstance(places, np.ndarray):
        return F.embedding(indices, x)
    index: list[Any] = [*[slice(None)] * axis, indices]
    return x[tuple(index)]


def _gather_elements(call: NodeCall) -> Tensor:
    x, axis, places = call.tensor(0), call.attribute("axis", 0), call.inputs[1]
    if isinstance(places, np.ndarray):  # torch counts no places from the end
        return torch.gather(x, axis, as_tensor(places % x.shape[axis]))
    return torch.gather(x, axis, call.tensor(1))


def _pad(call: NodeCall) -> Any:
    x, pads, mode = call.tensor(0), call.numbers(1, "pads"), call.attribute("mode", "constant")
    value, axes = call.numbers(2, "value"), call.numbers(3)
    if mode not in _PAD_MODES:
        return NotImplemented
    axes = [axis % x.ndim for axis in axes] if axes is not None else list(range(x.ndim))
    pairs = dict(zip(axes, zip(pads[: len(axes)], pads[len(axes) :], strict=True), strict=True))
    first = min((axis for axis, pair in pairs.items() if any(pair)), default=x.ndim)
    sizes = [size for axis in reversed(range(first, x.ndim)) for size in pairs.get(axis, (0, 0))]
    rest = {"value": value} if mode == "constant" and value else {}
    return F.pad(x, sizes, mode=_PAD_MODES[mode], **rest) if sizes else x


def _resize(call: NodeCall) -> Any:
    x = call.tensor(0)
    is_old = call.op_type == "Upsample" or call.opset < 11
    scales = call.numbers(1 if is_old else 2, "scales") or None
    sizes = None if is_old else call.numbers(3)
    axes = [axis % x.ndim for axis in call.attribute("axes", range(x.ndim))]
    given = dict(zip(axes, sizes or scales or (), strict=True))
    spatial = range(2, x.ndim)
    if call.attribute("keep_aspect_ratio_policy", "stretch") != "stretch" or x.ndim not in _LINEAR:
        return NotImplemented
    if any(given.get(axis, 1) not in ((1, x.shape[axis]) if sizes else (1,)) for axis in (0, 1)):
        return NotImplemented
    if sizes:
        size = [given.get(axis, x.shape[axis]) for axis in spatial]
        factors = [made / x.shape[axis] for made, axis in zip(size, spatial, strict=True)]
    else:
        factors = [float(given.get(axis, 1.0)) for axis in spatial]
        size = [math.floor(x.shape[axis] * factor) for axis, factor in zip(spatial, factors, strict=True)]
        if any(made != x.shape[axis] * factor for made, axis, factor in zip(size, spatial, factors, strict=True)):
            return NotImplemented  # the coordinates follow from the factor that was written, not from the sizes
    if call.attribute("coordinate_transformation_mode") == "pytorch_half_pixel" and 1 in size:
        return NotImplemented
    options = _interpolation(call, x.ndim, factors, "asymmetric" if is_old else "half_pixel")
    return F.interpolate(x, size=size, **options) if options else NotImplemented


def _interpolation(call: NodeCall, ndim: int, factors: Sequence[float], usual: str) -> dict[str, Any]:
    """Return the options of `interpolate` that compute the same; none if there are none."""
    mode, corners = call.attribute("mode", "nearest"), call.attribute("coordinate_transformation_mode", usual)
    rounding = call.attribute("nearest_mode", "floor" if usual == "asymmetric" else "round_prefer_floor")
    is_whole = all(factor >= 1 and factor == int(factor) for factor in factors)
    if call.attribute("antialias", 0):
        return {}  # torch's filter is another one
    if mode == "nearest":
        is_small = is_whole and max(factors) <= 2  # where rounding down and to the nearest agree
        if corners == "asymmetric" and (rounding == "floor" or (is_small and rounding == "round_prefer_floor")):
            return {"mode": "nearest"}
        is_exact = corners in _PIXEL_CENTERS and rounding.startswith("round") and is_whole
        return {"mode": "nearest-exact"} if is_exact else {}
    name = _LINEAR[ndim] if mode == "linear" else "bicubic"
    is_torchs = call.attribute("cubic_coeff_a", -0.75) == -0.75 and not call.attribute("exclude_outside", 0)
    if name == "bicubic" and (ndim != 4 or not is_torchs):
        return {}
    if corners == "align_corners":
        return {"mode": name, "align_corners": True}
    return {"mode": name, "align_corners": False} if corners in _PIXEL_CENTERS else {}


def _depth_to_space(call: NodeCall) -> Tensor:
    x, block = call.tensor(0), call.attribute("blocksize")
    if call.attribute("mode", "DCR") == "CRD":
        return F.pixel_shuffle(x, block)
    batch, channels, height, width = x.shape
    parts = x.reshape(batch, block, block, channels // block**2, height, width)
    return parts.permute(0, 3, 4, 1, 5, 2).reshape(batch, channels // block**2, height * block, width * block)


def _space_to_depth(call: NodeCall) -> Tensor:
    x, block = call.tensor(0), call.attribute("blocksize")
    if call.attribute("mode", "DCR") == "CRD":
        return F.pixel_unshuffle(x, block)
    batch, channels, height, width = x.shape
    parts = x.reshape(batch, channels, height // block, block, width // block, block)
    return parts.permute(0, 3, 5, 1, 2, 4).reshape(batch, channels * block**2, height // block, width // block)


def _grid_sample(call: NodeCall) -> Any:
    x, mode = call.tensor(0), call.attribute("mode", "linear")
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(mode, mode)
    padding, corners = call.attribute("padding_mode", "zeros"), bool(call.attribute("align_corners", 0))
    return F.grid_sample(x, call.tensor(1), mode=mode, padding_mode=padding, align_corners=corners)


def _largest(call: NodeCall) -> Sequence[Tensor]:
    count, axis = call.numbers(1, "k"), call.attribute("axis", -1)
    count = count[0] if isinstance(count, list) else count
    largest, ordered = bool(call.attribute("largest", 1)), bool(call.attribute("sorted", 1))
    return torch.topk(call.tensor(0), count, axis, largest, ordered)


def _expand(call: NodeCall) -> Tensor:
    x = call.tensor(0)
    shape: tuple[int, ...] = torch.broadcast_shapes(x.shape, tuple(call.numbers(1)))  # type: ignore[no-untyped-call]
    return x.expand(shape)


def _triangle(call: NodeCall) -> Tensor:
    function = torch.triu if call.attribute("upper", 1) else torch.tril
    return function(call.tensor(0), int(call.numbers(1) or 0))


OPERATORS: Mapping[str, Callable[[NodeCall], Any]] = {
    "Concat": lambda call: torch.cat(call.tensors(), call.attribute("axis", 1)),
    "DepthToSpace": _depth_to_space,
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "GatherElements": _gather_elements,
    "GridSample": _grid_sample,
    "Pad": _pad,
    "Reshape": _reshape,
    "Resize": _resize,
    "Slice": _slice,
    "SpaceToDepth": _space_to_depth,
    "Split": _split,
    "Squeeze": _squeeze,
    "Tile": lambda call: call.tensor(0).repeat(tuple(call.numbers(1))),
    "TopK": _largest,
    "Transpose": _transpose,
    "Trilu": _triangle,
    "Unsqueeze": _unsqueeze,
    "Upsample": _resize,
}
# What follows from the shape of a tensor alone is known without a pass.
SHAPES: Mapping[str, Callable[[NodeCall], np.ndarray[Any, Any]]] = {
    "Shape": lambda call: np.array(
        call.tensor(0).shape[call.attribute("start", 0) : call.attribute("end")], dtype=np.int64
    ),
    "Size": lambda call: np.array(call.tensor(0).numel(), dtype=np.int64),
}
