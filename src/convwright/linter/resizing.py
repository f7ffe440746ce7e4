"""Test if a map could have another size without breaking what reads it."""

from ..graph import Graph, Op, Tensor
from .patterns import ACTIVATIONS, CONVS, SILENT, is_map

_FREE = frozenset(
    (*ACTIVATIONS, *CONVS, *SILENT, "batch_norm", "instance_norm", "group_norm", "max_pool2d", "avg_pool2d")
)
_MERGES = frozenset(("add", "mul", "cat"))
_GLOBAL = ("adaptive_avg_pool2d", "adaptive_max_pool2d")


def is_resizable(op: Op, graph: Graph) -> bool:
    """Return True if all that is computed from an op's map takes any size, up to a pool that gives one size to all."""
    if not is_map(op.output):
        return False
    resized: set[Tensor] = {op.output}
    for later in graph.ops[op.index + 1 :]:
        read = [tensor for tensor in later.inputs if tensor in resized]
        if not read or _ends(later):
            continue
        beside = [tensor for tensor in later.inputs if tensor.role == "result" and tensor not in resized]
        alike = all(tensor.shape[2:] == (1, 1) for tensor in beside)
        if later.kind not in _FREE and not (later.kind in _MERGES and alike):
            return False
        resized.update(later.outputs)
    return not any(graph.is_output(tensor) for tensor in resized)


def _ends(op: Op) -> bool:
    if op.kind in _GLOBAL:
        return all(size is not None for size in op.args["output_size"])
    return op.kind in ("mean", "amax") and tuple(op.args["dim"] or ()) == (2, 3)
