"""When each piece of memory is allocated and freed in a forward pass.

Python frees a tensor when nothing refers to it any more, which may be later than its last use: the caller of a module
holds the arguments until the call returns, and a list of maps to be concatenated lives until its function returns.
The graph does not know variables, so that three habits of networks stand in for them:

1. what a module is given lives until that module returns;
2. what `forward` itself computes (not through a module) and hands to a module has a name, and lives until it returns;
3. what `cat` or `stack` joins inside a block was in a list, which lives until the block returns.

Any other result is taken to be overwritten by the next (`x = self.conv(x)`).
"""

from dataclasses import dataclass

from convwright.graph import Graph, Op, Tensor

from .frames import Frame, frames

_STATE = ("parameter", "buffer")
_JOINS = ("cat", "stack")


@dataclass(slots=True, eq=False)
class Span:
    """One piece of memory: bytes, and the first and last op during which it is allocated.

    Inputs are there before the first op (-1) and, like outputs, after the last. `varies` says that it depends on
    the input, and so grows with the batch.
    """

    num_bytes: int
    first: int
    last: int
    varies: bool


def lifetimes(graph: Graph) -> dict[int, Span]:
    """The span of every storage but those of parameters and buffers, by `Tensor.storage`.

    Examples
    --------
    >>> from torch import nn
    >>> from convwright.graph import trace
    >>> graph = trace(nn.Sequential(nn.Linear(2, 8), nn.ReLU(inplace=True), nn.Linear(8, 1)), (1, 2))
    >>> [(span.num_bytes, span.first, span.last) for span in lifetimes(graph).values()]
    [(8, -1, 3), (32, 0, 2), (4, 2, 3)]
    """
    spans: dict[int, Span] = {}
    end = len(graph.ops)
    for tensor in graph.inputs:
        spans[tensor.storage] = Span(tensor.nbytes, -1, end, True)
    chains = frames(graph)
    for op in graph.ops:
        varies = _read(op, chains[op.index], spans)
        _make(op, varies, spans)
    _hold_named(graph, chains, spans)
    for tensor in graph.outputs.values():
        if tensor.storage in spans:
            spans[tensor.storage].last = end
    return spans


def _read(op: Op, chain: tuple[Frame, ...], spans: dict[int, Span]) -> bool:
    """Keep what `op` reads alive, and say whether any of it depends on the input."""
    varies = False
    joins = op.kind in _JOINS and chain[-1].holds_names and len(chain) > 1
    for tensor in op.inputs:
        if tensor.role in _STATE:
            continue
        span = spans.get(tensor.storage)
        if span is None:
            if tensor.role != "constant":
                continue  # a view of a parameter
            span = spans[tensor.storage] = Span(tensor.nbytes, op.index, op.index, False)
        varies = varies or span.varies
        made = span.first if tensor.producer is None else tensor.producer
        last = chain[-1].last if joins else op.index
        for frame in chain:
            if frame.first > made:
                last = max(last, frame.last)
                break
        span.last = max(span.last, last)
    return varies


def _make(op: Op, varies: bool, spans: dict[int, Span]) -> None:
    for tensor in op.outputs:
        if tensor.storage == tensor.id:
            spans[tensor.id] = Span(tensor.nbytes, op.index, op.index, varies)
        elif varies and tensor.storage in spans:
            spans[tensor.storage].varies = True


def _hold_named(graph: Graph, chains: list[tuple[Frame, ...]], spans: dict[int, Span]) -> None:
    for op in graph.ops:
        frame = chains[op.index][-1]
        if not frame.holds_names or frame.first == frame.last:
            continue
        for tensor in op.outputs:
            if tensor.storage == tensor.id and _is_given_away(tensor, frame, graph, chains):
                spans[tensor.id].last = max(spans[tensor.id].last, frame.last)


def _is_given_away(tensor: Tensor, frame: Frame, graph: Graph, chains: list[tuple[Frame, ...]]) -> bool:
    readers = [reader.index for reader in graph.consumers(tensor)]
    return all(index <= frame.last for index in readers) and any(chains[index][-1] is not frame for index in readers)
