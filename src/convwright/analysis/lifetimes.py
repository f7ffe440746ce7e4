"""Lifetimes of memory: the ops at which each piece is allocated and freed in a forward pass.

Python frees a tensor when nothing refers to it any more, which may be later than its last use: the caller of a module
holds the arguments until the call returns, a variable lives until it is bound anew or its function returns. The graph
has seen it happen: the model's own code ran during the trace, and `Graph.deaths` says when it let go of each storage.
"""

from dataclasses import dataclass

from convwright.graph import Graph

_STATE = ("parameter", "buffer")


@dataclass(slots=True, eq=False)
class Allocation:
    """One piece of memory: bytes, and the first and last op during which it is allocated.

    Inputs are there before the first op (-1) and, like outputs, after the last. `varies` says that it depends on
    the input, and so grows with the batch.
    """

    num_bytes: int
    first: int
    last: int
    varies: bool


def lifetimes(graph: Graph) -> dict[int, Allocation]:
    """The allocation of every storage but those of parameters and buffers, by `Tensor.storage`.

    Examples
    --------
    >>> from torch import nn
    >>> from convwright.graph import trace
    >>> graph = trace(nn.Sequential(nn.Linear(2, 8), nn.ReLU(inplace=True), nn.Linear(8, 1)), (1, 2))
    >>> [(allocation.num_bytes, allocation.first, allocation.last) for allocation in lifetimes(graph).values()]
    [(8, -1, 3), (32, 0, 2), (4, 2, 3)]
    """
    allocations: dict[int, Allocation] = {}
    end = len(graph.ops)
    last = {**graph.deaths, **{tensor.storage: end for tensor in (*graph.inputs, *graph.outputs.values())}}
    for tensor in graph.inputs:
        allocations[tensor.storage] = Allocation(tensor.nbytes, -1, end, True)
    for op in graph.ops:
        varies = False
        for tensor in op.inputs:
            if tensor.role in _STATE:
                continue
            allocation = allocations.get(tensor.storage)
            if allocation is not None:
                varies = varies or allocation.varies
            elif tensor.role == "constant":
                allocations[tensor.storage] = Allocation(tensor.nbytes, op.index, last.get(tensor.storage, end), False)
        for tensor in op.outputs:
            if tensor.storage == tensor.id:
                # `fold` makes its result in memory of the size of what it reads.
                num_bytes = max(tensor.nbytes, op.input.nbytes) if op.kind == "fold" else tensor.nbytes
                allocations[tensor.id] = Allocation(num_bytes, op.index, last.get(tensor.id, end), varies)
            elif varies and tensor.storage in allocations:
                allocations[tensor.storage].varies = True
    return allocations
