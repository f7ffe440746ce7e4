"""Memory of a training step over time: forward, then backward in reverse order."""

from collections.abc import Sequence
from dataclasses import dataclass

from convwright.graph import Graph, Tensor

from .gradients import flow_back
from .lifetimes import Span
from .saved import NO_MEMORY, Kept, kept, needs_gradient
from .timeline import Timeline


@dataclass(frozen=True, kw_only=True)
class Step:
    """One training step: memory at each moment (as many backward as forward), and what each op keeps for backward.

    `assumed` names the kinds of ops that no rule knows: they are taken to keep all they read and make.
    """

    levels: Sequence[tuple[int, int]]
    per_op_saved: tuple[int, ...]
    assumed: tuple[str, ...]


def training_step(graph: Graph, spans: dict[int, Span]) -> Step:
    """Memory over one step, weights and the optimizer's state aside.

    Op i runs at moment i and is differentiated at moment 2n - 1 - i.

    Parameters
    ----------
    spans : dict
        What the forward pass allocates, by storage; see `lifetimes`.
    """
    num_ops = len(graph.ops)
    last_moment = 2 * num_ops - 1
    needs = needs_gradient(graph)
    timeline = Timeline.empty(2 * num_ops)
    until = {storage: min(span.last, num_ops - 1) for storage, span in spans.items()}
    for tensor in (*graph.inputs, *graph.outputs.values()):
        if tensor.storage in until:
            until[tensor.storage] = last_moment  # the caller holds it
    keeping = _Keeping(spans, until)
    for op in graph.ops:
        keeps, moment = NO_MEMORY, last_moment - op.index
        if not needs.isdisjoint([tensor.id for tensor in op.inputs]):
            known = kept(op, needs)
            keeps = keeping.everything(op.kind, (*op.inputs, *op.outputs)) if known is None else known
        keeping.keep(keeps, moment)
        if keeps.num_bytes:
            span = spans.get(op.output.storage)
            timeline.add(op.index, moment, keeps.num_bytes, varies=span is not None and span.varies)
    for storage, span in spans.items():
        timeline.add(max(span.first, 0), until[storage], span.num_bytes, varies=span.varies)
    flow_back(graph, needs, spans, timeline)
    return Step(levels=timeline.levels(), per_op_saved=tuple(keeping.per_op), assumed=tuple(keeping.assumed))


class _Keeping:
    """What has been kept so far: bytes by op, each storage counted at the first op that keeps it."""

    def __init__(self, spans: dict[int, Span], until: dict[int, int]) -> None:
        self.per_op: list[int] = []
        self.assumed: dict[str, None] = {}
        self._spans, self._until = spans, until
        self._saved: set[int] = set()

    def everything(self, kind: str, tensors: tuple[Tensor, ...]) -> Kept:
        self.assumed[kind] = None
        return Kept(tensors)

    def keep(self, keeps: Kept, moment: int) -> None:
        num_bytes = keeps.num_bytes
        for tensor in keeps.tensors:
            storage = tensor.storage
            if storage not in self._spans:
                continue  # a parameter or a buffer
            if storage not in self._saved:
                self._saved.add(storage)
                num_bytes += self._spans[storage].num_bytes
            self._until[storage] = max(self._until[storage], moment)
        self.per_op.append(num_bytes)
