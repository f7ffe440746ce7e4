"""Memory of gradients while they flow back: those of results are made and freed, those of parameters stay."""

from dataclasses import dataclass

from convwright.graph import Graph, Op, Tensor

from .backward_scratch import scratch_bytes
from .lifetimes import Allocation
from .saved_tensors import TensorIds
from .timeline import Timeline

# Their backward hands on the gradient it was given, or a view of it.
_PASSES = frozenset(
    [
        *("add", "cat", "view", "reshape", "view_as", "reshape_as", "flatten", "unflatten", "squeeze", "unsqueeze"),
        *("transpose", "permute", "t", "mT", "mH", "movedim", "identity", "alias", "contiguous"),
    ]
)


@dataclass(slots=True, eq=False)
class _Gradient:
    """One piece of memory and the moments it is there; tensors joined by a handed-on gradient share it."""

    num_bytes: int
    first: int
    last: int
    varies: bool


def add_gradients(
    graph: Graph, needs: TensorIds, allocations: dict[int, Allocation], timeline: Timeline, *, accumulates: bool = False
) -> None:
    """Add the gradients of one backward pass to a timeline of 2n moments, of which the last n are backward.

    Parameters
    ----------
    needs : set of int
        Ids of the tensors that a gradient flows to.
    accumulates : bool
        True if parameters have gradients of an earlier pass, to which those of this one are added.
    """
    flow = _GradientFlow(graph, needs, allocations, timeline)
    for op in reversed(graph.ops):
        flow.through(op)
    for gradient in flow.made:
        timeline.add(gradient.first, gradient.last, gradient.num_bytes, varies=gradient.varies)
    last_moment = 2 * len(graph.ops) - 1
    for gradient in flow.of_parameters.values():
        if accumulates:
            timeline.add(0, last_moment, gradient.num_bytes, varies=False)
        timeline.add(gradient.first, gradient.last if accumulates else last_moment, gradient.num_bytes, varies=False)


class _GradientFlow:
    def __init__(self, graph: Graph, needs: TensorIds, allocations: dict[int, Allocation], timeline: Timeline) -> None:
        self.made: list[_Gradient] = []
        self.of_parameters: dict[str, _Gradient] = {}
        self._needs, self._spans, self._timeline = needs, allocations, timeline
        self._last_moment = 2 * len(graph.ops) - 1
        self._by_tensor: dict[int, _Gradient] = {}
        for tensor in graph.outputs.values():
            if tensor.id in needs:
                self._make(tensor, len(graph.ops))

    def through(self, op: Op) -> None:
        """Differentiate `op`, if a gradient has arrived at what it made."""
        moment, known = self._last_moment - op.index, self._by_tensor
        arrived = [known[tensor.id] for tensor in op.outputs if tensor.id in known]
        if not arrived:
            return
        for gradient in arrived:
            gradient.last = moment
        passed = arrived[0] if op.kind in _PASSES else None
        needs = self._needs
        scratch = scratch_bytes(op, needs, known.keys())
        if scratch:
            self._timeline.add(moment, moment, scratch, varies=self._varies(op.output))
        for tensor in op.inputs:
            if tensor.id in needs:
                self._reach(tensor, moment, passed)

    def _reach(self, tensor: Tensor, moment: int, passed: _Gradient | None) -> None:
        if tensor.role == "parameter":
            gradient = self.of_parameters.get(tensor.name)
            if gradient is None:
                self.of_parameters[tensor.name] = _Gradient(tensor.nbytes, moment, moment, False)
            else:
                gradient.last = moment
        elif tensor.id in self._by_tensor:
            if passed is None:
                # A second gradient of the same tensor: made, then added to the first.
                self._timeline.add(moment, moment, tensor.nbytes, varies=self._varies(tensor))
        elif passed is not None and passed.num_bytes >= tensor.nbytes:
            self._by_tensor[tensor.id] = passed
        else:
            self._make(tensor, moment)

    def _make(self, tensor: Tensor, moment: int) -> None:
        gradient = self._by_tensor[tensor.id] = _Gradient(tensor.nbytes, moment, moment, self._varies(tensor))
        self.made.append(gradient)

    def _varies(self, tensor: Tensor) -> bool:
        allocation = self._spans.get(tensor.storage)
        return allocation is not None and allocation.varies
