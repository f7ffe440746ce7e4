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
    ancestors: dict[str, tuple[str, ...]] = {}
    chains: list[tuple[Frame, ...]] = []
    chain: tuple[Frame, ...] = ()
    caller = ("", 0)
    for op in graph.ops:
        if (op.path, op.call) != caller or not chain:
            paths = ancestors.get(op.path)
            if paths is None:
                paths = ancestors[op.path] = _called_ancestors(op.path, graph)
            chain = _enter(chain, paths, op.index, graph, again=op.path == caller[0])
            caller = (op.path, op.call)
        chains.append(chain)
    for index, running in enumerate(chains):
        for frame in running:
            frame.last = index
    return chains


def _called_ancestors(path: str, graph: Graph) -> tuple[str, ...]:
    parts = path.split(".") if path else []
    paths = [".".join(parts[:depth]) for depth in range(len(parts) + 1)]
    # A `ModuleList` is on the path but is never called.
    return tuple(path for path in paths if path in graph.modules and graph.modules[path].num_calls)


def _enter(
    chain: tuple[Frame, ...], paths: tuple[str, ...], index: int, graph: Graph, *, again: bool
) -> tuple[Frame, ...]:
    # The same module once more is another call of it.
    shared = len(paths) - 1 if again else _num_shared(chain, paths)
    entered = [
        Frame(path, index, index, not graph.modules[path].module_class.__module__.startswith("torch.nn."))
        for path in paths[shared:]
    ]
    return (*chain[:shared], *entered)


def _num_shared(chain: tuple[Frame, ...], paths: tuple[str, ...]) -> int:
    pairs = enumerate(zip(chain, paths, strict=False))
    return next((depth for depth, (frame, path) in pairs if frame.path != path), min(len(chain), len(paths)))
