"""Inputs that fit the layer at which a network stopped, where that layer is the first that the input meets."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import isqrt
from operator import ne
from typing import Any

import torch
from torch import nn

from ...graph import Tensor
from .input_guess import InputGuess
from .network_input import NetworkInput, positional_names
from .trace_attempt import VIEWS, StoppedTrace, known_size, view_sizes

USUAL_SIZES = {0: (), 1: (1024,), 2: (224, 224), 3: (16, 112, 112)}  # image axes: a signal, an image, a video
LENGTH = 16  # tokens or steps of a sequence
_SEQUENCES = (nn.RNNBase, nn.MultiheadAttention, nn.TransformerEncoderLayer, nn.TransformerDecoderLayer, nn.Transformer)
Offer = tuple[tuple[int, ...], torch.dtype | None, str]  # shape, dtype and reason


def fitting_inputs(stopped: StoppedTrace, module: nn.Module, specs: tuple[NetworkInput, ...]) -> Iterator[InputGuess]:
    """Yield inputs that differ in one place, and that the call which failed asks for, the likeliest first."""
    names = positional_names(module)
    # Where several inputs meet, the first is the image, and the others are what fits beside it.
    for place, spec in reversed([*enumerate(specs)]):
        name = spec.name or (names[place] if place < len(names) else "")
        offers = _of_call(stopped, module, spec, name) if stopped.kind else _of_words(stopped, module, spec, place)
        for shape, dtype, reason in chain(offers, _of_first_convolution(stopped, spec, name)):
            changed = replace(spec, shape=shape, dtype=dtype)
            if changed == spec or min(shape, default=1) <= 0:
                continue
            yield InputGuess(inputs=(*specs[:place], changed, *specs[place + 1 :]), reason=reason)
            alike = [replace(each, shape=shape, dtype=dtype) if each.shape == spec.shape else each for each in specs]
            if sum(map(ne, alike, specs)) > 1:
                yield InputGuess(inputs=tuple(alike), reason=f"{reason}, others are alike")


def _of_first_convolution(stopped: StoppedTrace, spec: NetworkInput, name: str) -> Iterator[Offer]:
    """Offers for a network that first gives its input other axes, such as the frames of a video to an image."""
    convolutions = (op for op in stopped.ops if re.fullmatch(r"conv\dd", op.kind))
    first = next((op for op in convolutions if stopped.origins(op.input).get(name, False)), None)
    axes = int(first.kind[-2]) if first is not None else 0
    if first is not None and axes + 2 > spec.ndim > 3:
        reason = f"`{first.path}` is a {first.kind}"
        yield (1, *spec.shape[1 : spec.ndim - 2], *USUAL_SIZES[axes]), spec.dtype, reason


def _of_call(stopped: StoppedTrace, module: nn.Module, spec: NetworkInput, name: str) -> Iterator[Offer]:
    """Offers for a torch call, if this input comes to it past no other layer."""
    args = stopped.args
    operands = [
        *map(args.get, ("input", "other", "tensor1", "tensor2")),
        *(args.get("tensors") or args.get("args") or ()),
    ]
    tensors = [value for value in operands if isinstance(value, Tensor)]
    own = [tensor for tensor in tensors if stopped.origins(tensor).get(name, False)]
    if not own:
        return
    layer = f"`{stopped.path}`" if stopped.path else f"its {stopped.kind}"
    is_sequence = any(isinstance(part, _SEQUENCES) for part in module.modules())
    met = _Meeting(args=args, tensor=own[0], spec=spec, layer=layer, is_sequence=is_sequence)
    offers = next((each for kind, each in _OFFERS.items() if stopped.kind.startswith(kind)), None)
    if spec.ndim == 5 and own[0].ndim > 3 and own[0].shape[1] == spec.shape[2] != spec.shape[1]:
        frames_first = (1, spec.shape[2], spec.shape[1], *spec.shape[3:])
        yield frames_first, spec.dtype, f"{layer} takes {_counted(spec.shape[1])} of each frame"
    if offers is not None:
        yield from offers(met)
    for other in tensors:
        if other not in own and other.ndim > 1:
            same_rank = spec.shape[1:] if other.ndim == spec.ndim else other.shape[1:]
            sizes = [size if size > 1 else own_size for size, own_size in zip(other.shape[1:], same_rank, strict=True)]
            yield (1, *sizes), spec.dtype, f"it meets {_by(other.shape)}"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Meeting:
    """A call that refused an input, or what was made of it without a layer between."""

    args: Mapping[str, Any]
    tensor: Tensor
    spec: NetworkInput
    layer: str
    is_sequence: bool


def _of_convolution(met: _Meeting) -> Iterator[Offer]:
    weight, spec, tensor = met.args["weight"], met.spec, met.tensor
    axes = weight.ndim - 2
    if axes not in USUAL_SIZES:  # a kernel_size of a wrong length
        return
    channels = weight.shape[1] * met.args["groups"]
    yield from _of_channels(met, channels, axes)
    if spec.ndim - tensor.ndim + axes + 2 == axes + 1:
        yield (1, *USUAL_SIZES[axes]), None, f"{met.layer} takes {_counted(channels)}, an axis that is added before it"
    yield (1, channels, *USUAL_SIZES[axes]), None, f"{met.layer} takes {_counted(channels)}"


def _of_transposed(met: _Meeting) -> Iterator[Offer]:
    weight = met.args["weight"]
    yield from _of_channels(met, weight.shape[0], weight.ndim - 2)
    # A decoder begins with a small map.
    yield (1, weight.shape[0], *[1] * (weight.ndim - 2)), None, f"{met.layer} takes {_counted(weight.shape[0])}"


def _of_channels(met: _Meeting, channels: int, axes: int) -> Iterator[Offer]:
    spec, reason = met.spec, f"{met.layer} takes {_counted(channels)}"
    if spec.ndim == met.tensor.ndim == axes + 2:
        if met.tensor.shape[1] != spec.shape[1]:  # other channels were joined to those of the input
            yield (1, spec.shape[1] + channels - met.tensor.shape[1], *spec.shape[2:]), None, reason
        yield (1, channels, *spec.shape[2:]), None, reason
        yield (1, *USUAL_SIZES[axes], channels), None, f"{reason}, the last axis of the input"


def _of_linear(met: _Meeting) -> Iterator[Offer]:
    weight = met.args["weight"]
    yield from _of_channels_last(met, weight.shape[1])
    if met.spec.ndim > met.tensor.ndim:
        yield from _of_flattened(met, weight.shape[1])
    yield from _of_features(met, weight.shape[1])


def _of_channels_last(met: _Meeting, features: int) -> Iterator[Offer]:
    """Offers of a map of so many channels, where these are pooled or moved to the last axis."""
    spec = met.spec
    if spec.ndim > 2 and met.tensor.shape[-1] == spec.shape[1] != spec.shape[-1]:
        yield (1, features, *spec.shape[2:]), None, f"{met.layer} takes {features} features, one of each channel"


def _of_product(met: _Meeting) -> Iterator[Offer]:
    other = met.args.get("other")
    if isinstance(other, Tensor) and other is not met.tensor and other.ndim > 1:
        yield from _of_features(met, other.shape[-2])


def _of_features(met: _Meeting, features: int) -> Iterator[Offer]:
    shapes = [(1, features), (1, LENGTH, features)]
    reason = f"{met.layer} takes {features} features"
    yield from ((shape, None, reason) for shape in (reversed(shapes) if met.is_sequence else shapes))
    if met.spec.ndim == 4:
        yield (*met.spec.shape[:-1], features), None, reason


def _of_flattened(met: _Meeting, features: int) -> Iterator[Offer]:
    """Offers of square images that have so many values."""
    for count in dict.fromkeys((met.spec.shape[1], 1, 3)):
        side = isqrt(features // count)
        if count * side * side == features and side > 1:
            yield (1, count, side, side), None, f"{met.layer} takes {features} = {count}x{side}x{side} features"


def _of_view(met: _Meeting) -> Iterator[Offer]:
    sizes, known = view_sizes(met.args), known_size(met.args)
    if len(sizes) > 2 and -1 not in sizes[1:]:
        yield (1, *sizes[1:]), None, f"{met.layer} makes it {_by(sizes[1:])}"
    if known > 1 and met.spec.ndim > 1:
        yield from _of_flattened(met, known)
        yield (1, known), None, f"{met.layer} takes {known} values"


def _of_embedding(met: _Meeting) -> Iterator[Offer]:
    shapes = [(1, LENGTH), (1,)] if met.spec.ndim != 1 else [(1,), (1, LENGTH)]
    for shape in (*shapes, met.spec.shape):
        yield shape, torch.int64, f"{met.layer} takes token ids"


def _of_norm(met: _Meeting) -> Iterator[Offer]:
    known = met.args.get("weight") or met.args.get("running_mean")
    if isinstance(known, Tensor) and met.spec.ndim > 1:
        yield (1, known.shape[0], *met.spec.shape[2:]), None, f"{met.layer} takes {_counted(known.shape[0])}"


def _of_positions(met: _Meeting) -> Iterator[Offer]:
    """Offers for a pooling that takes each cell of a region from channels of its own."""
    _, _, _, height, width, *_ = met.args["args"]  # after the map, the regions and their scale
    yield from _of_channels(met, height * width, 2)


def _of_layer_norm(met: _Meeting) -> Iterator[Offer]:
    last = tuple(met.args["normalized_shape"])
    if len(last) == 1:
        yield from _of_channels_last(met, last[0])
    for head in ((1, LENGTH), (1,)) if len(last) == 1 else ((1,),):
        yield (*head, *last), None, f"{met.layer} normalizes {_by(last)}"


_OFFERS: Mapping[str, Callable[[_Meeting], Iterator[Offer]]] = {
    "conv_transpose": _of_transposed,
    "conv": _of_convolution,
    "linear": _of_linear,
    "embedding": _of_embedding,
    "batch_norm": _of_norm,
    "instance_norm": _of_norm,
    "group_norm": _of_norm,
    "layer_norm": _of_layer_norm,
    "matmul": _of_product,
    "ps_roi": _of_positions,
    **dict.fromkeys(VIEWS, _of_view),
}


def _of_words(stopped: StoppedTrace, module: nn.Module, spec: NetworkInput, place: int) -> Iterator[Offer]:
    """Offers for an exception of the network's or torch's own code: by the layer that raised it, then by its words."""
    layer = module.get_submodule(stopped.path) if stopped.path else module
    name = f"`{stopped.path}`" if stopped.path else "the network"
    words = str(stopped.error).partition(" raised ")[2]
    yield from _of_expected_sizes(words, name, spec, place)
    numbers = dict.fromkeys(int(digits) for digits in re.findall(r"\d+", words)) if spec.ndim > 2 else ()
    sizes = [size for size in numbers if 1 < size <= 4096 and size not in spec.shape]
    if place > 0:
        if isinstance(layer, nn.RNNCellBase):
            yield (1, layer.hidden_size), None, f"{name} has {layer.hidden_size} features of state"
        yield from (((1, size, *spec.shape[2:]), spec.dtype, f"{name} asks for {size}") for size in sizes)
        if not stopped.ops:
            return
    if (width := _width_of(layer)) is not None and place == 0:
        yield _sequence(layer, width), None, f"{name} takes {width} features"
    kind, channels = type(layer).__name__, getattr(layer, "num_features", None)
    if isinstance(channels, int) and kind[-2:] in ("1d", "2d", "3d"):
        reason = f"{name} takes {channels} channels"
        yield (1, channels, *USUAL_SIZES[int(kind[-2])]), None, reason
        if kind.endswith("1d"):
            yield (1, channels), None, reason
    unpacked = re.search(r"values to unpack \(expected (\d)", words)
    if unpacked:
        count = int(unpacked[1])
        usual = [(1,), (1, LENGTH), (1, LENGTH, 64), (1, 3, *USUAL_SIZES[1]), (1, 3, *USUAL_SIZES[3])]
        yield from ((each, None, f"its forward unpacks {count} sizes") for each in usual if len(each) == count)
        return
    for size in sizes:
        yield (*spec.shape[:2], *[size] * (spec.ndim - 2)), spec.dtype, f"{name} asks for {size}"


def _of_expected_sizes(words: str, name: str, spec: NetworkInput, place: int) -> Iterator[Offer]:
    """Offers for sizes that the network says it expects: those of an image, or the whole shape of another input."""
    found = re.search(r"expected\b.*?[(\[](\d+(?:, \d+)+)[)\]]", words, re.IGNORECASE)
    sizes = tuple(map(int, found[1].split(", "))) if found else ()
    if sizes and place > 0:
        yield sizes, spec.dtype, f"{name} takes {_by(sizes)}"
    elif sizes and len(sizes) == spec.ndim - 2:
        yield (*spec.shape[:2], *sizes), spec.dtype, f"{name} takes {_by(sizes)}"


def _sequence(layer: nn.Module, width: int) -> tuple[int, ...]:
    """Return the shape of a sequence for a layer; of one step for a cell."""
    if isinstance(layer, nn.RNNCellBase):
        return 1, width
    first = getattr(layer, "batch_first", getattr(getattr(layer, "self_attn", None), "batch_first", False))
    return (1, LENGTH, width) if first else (LENGTH, 1, width)


def _width_of(layer: nn.Module) -> int | None:
    """Return the number of features that a layer of sequences takes; None for another layer."""
    if not isinstance(layer, (*_SEQUENCES, nn.RNNCellBase)):
        return None
    attention = getattr(layer, "self_attn", layer)
    found = next(
        (value for key in ("input_size", "embed_dim", "d_model") if (value := getattr(attention, key, None))), None
    )
    return found if isinstance(found, int) else None


def _counted(channels: int) -> str:
    return f"{channels} channel{'s' * (channels != 1)}"


def _by(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))
