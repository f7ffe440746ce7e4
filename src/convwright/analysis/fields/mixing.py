"""Rules of ops that combine positions (reductions, norms, softmax, products, attention), and of element-wise ones."""

from collections.abc import Sequence
from typing import Any

from convwright.graph import Op, Tensor

from . import taps
from .field_pass import ReceptiveFieldPass, TensorField, everywhere, moved, reduced


def elementwise(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """Every position by itself; several tensors broadcast."""
    parts = fields.image_inputs(op)
    if len(parts) == 1 and parts[0][0].shape == op.outputs[0].shape:
        return parts[0][1]
    return fields.merged(op, parts)


def reduction(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`mean`, `sum`, `amax`, `std`, `norm` ...: the hull along some axes; `max(x, y)` is element-wise."""
    if len(fields.image_inputs(op)) > 1 or op.input not in fields.by_tensor:
        return elementwise(fields, op)
    ndim = op.input.ndim
    # Where several overloads share a kind, torch's first one names the axes.
    dim = next((value for name in _DIM_NAMES if _is_dims(value := op.args.get(name))), None)
    axes = range(ndim) if dim is None or dim == () else (dim,) if isinstance(dim, int) else dim
    return reduced(fields.by_tensor[op.input], axes, ndim, keepdim=op.output.ndim == ndim)


_DIM_NAMES = ("dim", "other", "unbiased", "dims")


def _is_dims(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, tuple) and len(value) > 0)


def softmax(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`softmax` and its like: every position along the axis sees all of it."""
    dim = op.args.get("dim")
    axes = (dim,) if isinstance(dim, int) else range(op.input.ndim)
    return reduced(fields.by_tensor[op.input], axes, op.input.ndim)


def sorting(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`sort`, `topk` and their like: a position may come from anywhere along the axis."""
    axis = op.args.get("dim", -1) % op.input.ndim
    field = fields.by_tensor[op.input]
    if op.output.ndim != op.input.ndim:  # one value, of `kthvalue`
        return reduced(field, (axis,), op.input.ndim, keepdim=False)
    return fields.along(field, axis, taps.whole(op.input.shape[axis], op.output.shape[axis]))


def running(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`cumsum` and its like: a position sees those before it along the axis."""
    axis = op.args["dim"] % op.input.ndim
    return fields.along(fields.by_tensor[op.input], axis, taps.running(op.input.shape[axis]))


def differences(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`diff`: differences of neighbors, `n` times; what is put before or behind makes it unknown."""
    if len(op.inputs) > 1:
        return unknown(fields, op)
    axis, times = op.args["dim"] % op.input.ndim, op.args["n"]
    window = taps.window(op.input.shape[axis], op.output.shape[axis], times + 1)
    return fields.along(fields.by_tensor[op.input], axis, window)


def channels(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`glu`, `channel_shuffle`, `local_response_norm`: channels mix, positions do not."""
    axis = op.args.get("dim", 1)
    field = fields.by_tensor[op.input]
    return reduced(field, (axis % op.input.ndim,), op.input.ndim) if any(axis in r.dims for r in field) else field


def normalize(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`F.normalize`: every position is divided by a norm over an axis."""
    dim = op.args["dim"]
    return shared(fields, op, [axis % op.input.ndim for axis in ((dim,) if isinstance(dim, int) else dim)])


def layer_norm(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`layer_norm`, `rms_norm`: statistics over the last axes."""
    shape = op.args["normalized_shape"]
    count = 1 if isinstance(shape, int) else len(shape)
    return shared(fields, op, range(op.input.ndim - count, op.input.ndim))


def group_norm(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`group_norm`: statistics over all positions."""
    return shared(fields, op, range(1, op.input.ndim))


def instance_norm(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`instance_norm`: statistics over all positions, unless it uses running ones."""
    return shared(fields, op, range(2, op.input.ndim) if op.args.get("use_input_stats", True) else ())


def batch_norm(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`batch_norm`: statistics over all positions in training, none in eval mode."""
    if not op.args["training"]:
        return elementwise(fields, op)
    return shared(fields, op, [axis for axis in range(op.input.ndim) if axis != 1])


def shared(fields: ReceptiveFieldPass, op: Op, axes: Sequence[int]) -> TensorField:
    """Every position, joined by statistics over some axes: a global gate where these carry an image axis."""
    field = fields.merged(op, fields.image_inputs(op))
    if not any(axis in interval.dims for interval in field for axis in axes):
        return field
    if fields.local:
        fields.gates[op.index] = op
        return field
    return fields.union([field, reduced(field, axes, op.input.ndim)])


def linear(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`linear` mixes the last axis, whatever that carries."""
    parts = [(tensor, field) for tensor, field in fields.image_inputs(op)]
    contracted = [
        moved(field, [*range(tensor.ndim - 1), None]) if tensor is op.input else everywhere(field)
        for tensor, field in parts
    ]
    return fields.hulls(op, contracted)


def matrix_product(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`matmul`, `bmm`, `mm`: rows of one with columns of the other, batch axes aligned from the back."""
    one, other = op.inputs[:2]
    letters = "abcdefgh"
    batch = letters[8 - max(one.ndim - 2, other.ndim - 2, 0) :] if max(one.ndim, other.ndim) > 2 else ""
    left = batch[len(batch) - max(one.ndim - 2, 0) :] + ("nk" if one.ndim > 1 else "k")
    right = batch[len(batch) - max(other.ndim - 2, 0) :] + ("km" if other.ndim > 1 else "k")
    result = batch + ("n" if one.ndim > 1 else "") + ("m" if other.ndim > 1 else "")
    return contracted(fields, op, [left, right], result)


def einsum(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`einsum`: the hull along every letter that the result lacks."""
    equation = next((value for value in op.args.values() if isinstance(value, str)), None)
    if equation is None:
        return unknown(fields, op)
    given, arrow, result = equation.replace(" ", "").partition("->")
    terms = given.split(",")
    if not arrow:
        result = "".join(sorted(letter for letter in set(given) if letter.isalpha() and given.count(letter) == 1))
        result = ("..." if "..." in given else "") + result
    if len(terms) != len(op.inputs):
        return unknown(fields, op)
    dots = op.output.ndim - len(result.replace("...", "")) if "..." in result else 0
    return contracted(
        fields,
        op,
        [_undotted(term, tensor.ndim, dots) for term, tensor in zip(terms, op.inputs, strict=True)],
        _undotted(result, op.output.ndim, dots),
    )


def _undotted(term: str, ndim: int, dots: int) -> str:
    """The term with digits for its ellipsis, the same digit for the same axis from the back."""
    count = ndim - len(term.replace("...", ""))
    return term.replace("...", "".join(map(str, range(max(dots, count) - count, max(dots, count)))))


def contracted(fields: ReceptiveFieldPass, op: Op, terms: Sequence[str], result: str) -> TensorField:
    """The hull along the letters of `terms`, one term an input, that `result` lacks."""
    parts = []
    for term, tensor in zip(terms, op.inputs, strict=False):
        if tensor in fields.by_tensor:
            parts.append(
                moved(
                    fields.by_tensor[tensor],
                    [result.index(x) if x in result and term.count(x) == 1 else None for x in term],
                )
            )
    return fields.hulls(op, parts)


def attention(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`scaled_dot_product_attention`: every query sees all keys and values of its own batch."""
    parts = []
    for name, lost in (("query", 1), ("key", 2), ("value", 2), ("attn_mask", 1)):
        tensor = op.args[name]
        if tensor in fields.by_tensor:
            added = op.output.ndim - tensor.ndim
            kept = [axis + added for axis in range(tensor.ndim - lost)]
            parts.append(moved(fields.by_tensor[tensor], [*kept, *[None] * lost]))
    return fields.union(parts)


def unknown(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """Any other op: every position is taken to see all that its inputs see, and the op is listed."""
    fields.unknown[op.index] = op
    return fields.union([_all_of(fields, op, tensor, field) for tensor, field in fields.image_inputs(op)])


def regions(fields: ReceptiveFieldPass, op: Op) -> TensorField:
    """`roi_align` and its like: regions anywhere in a map, whose positions are none of it any more."""
    fields.unknown[op.index] = op
    return fields.union([everywhere(field) for _, field in fields.image_inputs(op)])


def _all_of(fields: ReceptiveFieldPass, op: Op, tensor: Tensor, field: TensorField) -> TensorField:
    """All that a tensor sees, at every position of an output, whose axes are taken for those of the tensor."""
    if tensor.ndim != op.output.ndim:
        return everywhere(field)
    for axis in sorted({dim for interval in field for dim in interval.dims}):
        field = fields.along(field, axis, taps.whole(tensor.shape[axis], op.output.shape[axis]))
    return field
