"""Activation checkpointing of a network that does not use it: the modules it could wrap, and the graph if it did."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from convwright.graph import Graph, Op


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One call of a module that `torch.utils.checkpoint` can wrap: its first op, and the one behind its last."""

    path: str
    first: int
    behind: int


def checkpointed(graph: Graph, segments: Sequence[Segment]) -> Graph:
    """Return the graph of the same network with each segment in a checkpoint.

    Examples
    --------
    >>> from torch import nn
    >>> from convwright.graph import trace
    >>> block = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
    >>> graph = trace(nn.Sequential(block, nn.Linear(4, 2)), (1, 4))
    >>> [op.checkpoint for op in checkpointed(graph, segment_levels(graph)[0])]
    [1, 1, 0]
    """
    numbers = {index: n for n, row in enumerate(segments, 1) for index in range(row.first, row.behind)}
    return replace(graph, ops=tuple([_in_region(op, numbers.get(op.index, 0)) for op in graph.ops]))


def segment_levels(graph: Graph) -> list[tuple[Segment, ...]]:
    """Return the segments at each depth of the module tree, stages before blocks; empty where it has checkpoints."""
    if any(op.checkpoint for op in graph.ops):
        return []
    levels: dict[tuple[tuple[int, int], ...], tuple[Segment, ...]] = {}
    for depth in range(1, 1 + max((op.path.count(".") + 1 for op in graph.ops if op.path), default=0)):
        found = tuple(_segments(graph, depth))
        spans = tuple((segment.first, segment.behind) for segment in found)
        if found:
            levels.setdefault(spans, found)  # a module that only wraps another is the same segment
    return list(levels.values())


def _segments(graph: Graph, depth: int) -> list[Segment]:
    """Return the segments at one depth, those left out that cannot be run again by themselves."""
    runs: dict[str, list[Segment]] = {}
    current, first = "", 0
    for index, path in enumerate([*[_prefix(op.path, depth) for op in graph.ops], ""]):
        if path != current:
            if current:
                runs.setdefault(current, []).append(Segment(path=current, first=first, behind=index))
            current, first = path, index
    found = []
    for path, calls in runs.items():
        row = graph.modules.get(path)
        if row and row.num_calls == len(calls) and all(_runs_again(graph.ops[c.first : c.behind]) for c in calls):
            found += calls
    return sorted(found, key=lambda segment: segment.first)


def _prefix(path: str, depth: int) -> str:
    """Return the path of the module at a depth that an op ran in; "" if it is not that deep."""
    parts = path.split(".")
    return ".".join(parts[:depth]) if path and len(parts) >= depth else ""


def _runs_again(ops: Sequence[Op]) -> bool:
    """Return True if running ops again makes the same, and spares more than one op keeps."""
    made: set[int] = set()
    for op in ops:
        made.update([tensor.storage for tensor in op.outputs if not tensor.is_alias])
        target = op.input if op.inputs else None
        # What is written over the input of the segment is not there for the second run.
        if op.is_inplace and target is not None and target.storage not in made and target.role not in ("buffer",):
            return False
    return sum(not tensor.is_alias for op in ops for tensor in op.outputs) > 1


def _in_region(op: Op, number: int) -> Op:
    return replace(op, checkpoint=number) if number else op
