"""Which module calls are running at each op, as Python's frames would be."""

from dataclasses import dataclass

from convwright.graph import Graph


@dataclass(slots=True, eq=False)
class Frame:
    """One call of one module: the first and last op that ran inside it.

    `holds_names` says that its `forward` is no container of torch's, so that results may have names there.
    """

    path: str
    first: int
    last: int
    holds_names: bool


def frames(graph: Graph) -> list[tuple[Frame, ...]]:
    """For each op the module calls around it, the model's own first.

    Examples
    --------
    >>> from torch import nn
    >>> from convwright.graph import trace
    >>> graph = trace(nn.Sequential(nn.Sequential(nn.ReLU(), nn.ReLU())), (1, 2))
    >>> [[(frame.path, frame.first, frame.last) for frame in chain] for chain in frames(graph)]
    [[('', 0, 1), ('0', 0, 1), ('0.0', 0, 0)], [('', 0, 1), ('0', 0, 1), ('0.1', 1, 1)]]
    """
    called: dict[str, tuple[str, ...]] = {}
    chains: list[tuple[Frame, ...]] = []
    chain: tuple[Frame, ...] = ()
    caller = ("", 0)
    for op in graph.ops:
        if (op.path, op.call) != caller or not chain:
            paths = _called_around(op.path, graph, called)
            chain = _enter(chain, paths, op.index, graph, again=op.path == caller[0])
            caller = (op.path, op.call)
        chains.append(chain)
    for frame in chain:
        frame.last = len(chains) - 1
    return chains


def _called_around(path: str, graph: Graph, known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    found = known.get(path)
    if found is None:
        outer = _called_around(path.rpartition(".")[0], graph, known) if path else ()
        # A `ModuleList` is on the path but is never called.
        row = graph.modules.get(path)
        found = known[path] = (*outer, path) if row and row.num_calls else outer
    return found


def _enter(
    chain: tuple[Frame, ...], paths: tuple[str, ...], index: int, graph: Graph, *, again: bool
) -> tuple[Frame, ...]:
    # The same module once more is another call of it.
    shared = len(paths) - 1 if again else _num_shared(chain, paths)
    for frame in chain[shared:]:
        frame.last = index - 1
    entered = [
        Frame(path, index, index, not graph.modules[path].module_class.__module__.startswith("torch.nn."))
        for path in paths[shared:]
    ]
    return (*chain[:shared], *entered)


def _num_shared(chain: tuple[Frame, ...], paths: tuple[str, ...]) -> int:
    for depth, (frame, path) in enumerate(zip(chain, paths, strict=False)):
        if frame.path != path:
            return depth
    return min(len(chain), len(paths))
