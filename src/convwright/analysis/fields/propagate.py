"""One pass over a graph: the field of every tensor that depends on the chosen input."""

from convwright.graph import Graph, Op, Tensor

from . import mixing, views, windows
from .assignment import through_view
from .field_pass import AxisInterval, ReceptiveFieldPass, TensorField, everywhere
from .intervals import identity
from .rules import RULES


def propagate(
    graph: Graph, source: Tensor, axes: tuple[int, ...], *, local: bool, continued: bool
) -> ReceptiveFieldPass:
    """Find what every tensor sees of `source`, whose axes `axes` are the image axes.

    Parameters
    ----------
    local : bool
        Set global gates aside.
    continued : bool
        See on beyond the border, as in a larger image.
    """
    sizes = {source.shape[axis]: identity(source.shape[axis]) for axis in axes}
    fields = ReceptiveFieldPass(local=local, continued=continued)
    known = fields.by_tensor
    known[source] = tuple(AxisInterval((axis,), sizes[source.shape[axis]]) for axis in axes)
    for op in graph.ops:
        read = fields.image_inputs(op)
        if not read:
            continue
        found = RULES.get(op.kind, mixing.unknown)(fields, op)
        if fields.apart and fields.apart.issuperset([tensor for tensor, _ in read]) and _mixes_no_channels(op):
            fields.apart.update(op.outputs)
        if isinstance(found, list):
            known.update(zip(op.outputs, found, strict=False))
        elif len(op.outputs) == 1:
            known[op.outputs[0]] = found
        else:
            _several(fields, op, found)
    return fields


def _mixes_no_channels(op: Op) -> bool:
    rule = RULES.get(op.kind)
    return rule in (mixing.elementwise, mixing.batch_norm, views.view, views.permute, views.transpose) or (
        rule is windows.convolution and op.args["groups"] > 1
    )


def _several(fields: ReceptiveFieldPass, op: Op, field: TensorField) -> None:
    """An op with several results: all the same, but for other views of memory that it wrote over."""
    for tensor in op.outputs:
        fields.by_tensor[tensor] = field
    if not op.is_inplace:
        return
    alone = len(fields.image_inputs(op)) == 1 and RULES.get(op.kind) is mixing.elementwise
    for tensor in op.outputs[1:]:
        earlier = [
            seen
            for other, seen in fields.by_tensor.items()
            if other.storage == tensor.storage and other.shape == tensor.shape and other not in op.outputs
        ]
        written = earlier[-1] if earlier and alone else through_view(field, op.outputs[0], tensor)
        if written is None:
            fields.unknown[op.index] = op
            written = everywhere(field)
        fields.by_tensor[tensor] = fields.union([earlier[-1], written]) if earlier else written
