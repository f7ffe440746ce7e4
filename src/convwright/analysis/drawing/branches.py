"""The calls of modules as a tree of op ranges: the draft from which the groups of a drawing are made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...graph import Graph, ModuleRow, Op
from .records import NodeKind


@dataclass(kw_only=True, eq=False)
class Branch:
    """A group while the tree grows; its children are branches and indices of ops, in call order.

    Every branch covers neighbors in call order, so that folding branches never makes a cycle.
    """

    kind: NodeKind = "module"
    path: str = ""
    call: int = 0
    children: list["Branch | int"] = field(default_factory=list)

    def ops(self) -> Iterator[int]:
        """Indices of the ops in it."""
        for child in self.children:
            if isinstance(child, Branch):
                yield from child.ops()
            else:
                yield child


def module_calls(graph: Graph) -> Branch:
    """Return the tree of module calls; a module that is called again is another branch."""
    root = Branch(kind="network")
    running = [root]
    for op in graph:
        chain = _chain(op, graph.modules)
        depth = 0
        while depth < min(len(chain), len(running) - 1):
            if chain[depth] != (running[depth + 1].path, running[depth + 1].call):
                break
            depth += 1
        del running[depth + 1 :]
        for path, call in chain[depth:]:
            running[-1].children.append(branch := Branch(path=path, call=call))
            running.append(branch)
        running[-1].children.append(op.index)
    return root


def _chain(op: Op, modules: Mapping[str, ModuleRow]) -> list[tuple[str, int]]:
    """Return path and call, from 0, of each module that ran during the op, the outermost first."""
    parts = op.path.split(".") if op.path else []
    paths = [".".join(parts[: end + 1]) for end in range(len(parts))]
    calls = max(modules[op.path].num_calls, op.call) if op.path in modules else op.call
    # The trace counts the calls of the innermost module; those around it share them evenly.
    outer = [modules[path].num_calls if path in modules else 0 for path in paths]
    return [(path, (op.call - 1) * number // calls) for path, number in zip(paths, outer, strict=True)]


def without_wrappers(branch: Branch, types: Mapping[str, str]) -> Branch:
    """Return the branch with modules that hold one thing replaced by that thing.

    Of two modules that hold each other, the one that says more than "Sequential" remains.
    """
    children: list[Branch | int] = []
    for child in branch.children:
        inner = without_wrappers(child, types) if isinstance(child, Branch) else child
        if isinstance(inner, Branch) and len(inner.children) == 1:
            only = inner.children[0]
            if isinstance(only, Branch) and types.get(inner.path) not in CONTAINERS:
                only = Branch(path=inner.path, children=only.children)
            inner = only
        children.append(inner)
    return Branch(kind=branch.kind, path=branch.path, children=children)


CONTAINERS = (None, "", "Sequential", "ModuleList", "ModuleDict")


def with_layers(branch: Branch, graph: Graph, is_head: Callable[[int], bool]) -> Branch:
    """Return the branch with each op that has weights, and the normalization and activation around it, as a layer.

    Norm and activation come after a convolution, or before it where no convolution makes what they read.

    Parameters
    ----------
    branch : Branch
        Without layers.
    graph : Graph
        The traced network.
    is_head : callable
        True for the index of an op that computes with weights.
    """
    children: list[Branch | int] = []
    for run in _runs(branch.children, graph, is_head):
        if len(run) == 1:
            only = run[0]
            children.append(with_layers(only, graph, is_head) if isinstance(only, Branch) else only)
        elif len(run) == len(branch.children) and branch.kind in ("module", "stage"):
            return Branch(kind="layer", path=branch.path, children=branch.children)
        else:
            children.append(Branch(kind="layer", children=run))
    return Branch(kind=branch.kind, path=branch.path, children=children)


def _runs(
    children: Sequence[Branch | int], graph: Graph, is_head: Callable[[int], bool]
) -> Iterator[list[Branch | int]]:
    """Yield the children in order: those of a layer together, all others alone."""
    position = 0
    while position < len(children):
        end, has_head = _end_of_layer(children, position, graph, is_head)
        if has_head:
            yield list(children[position:end])
        else:  # nor is there a layer that begins later in it
            end = max(end, position + 1)
            yield from ([child] for child in children[position:end])
        position = end


def _end_of_layer(
    children: Sequence[Branch | int], start: int, graph: Graph, is_head: Callable[[int], bool]
) -> tuple[int, bool]:
    """Return the end of the chain of ops that begins at `start`, and True if one of them is a head."""
    end, has_head = start, False
    while end < len(children):
        index = children[end]
        if isinstance(index, Branch):
            break
        if end > start and not _is_chained(graph, index - 1, index):
            break
        if is_head(index):
            if has_head:
                break
            has_head = True
        elif not _keeps_shape(graph.ops[index]):
            break
        end += 1
        if has_head and end - 1 > start and is_head(index):
            break  # it began with a normalization: what comes next begins another one
    return end, has_head


def _is_chained(graph: Graph, before: int, after: int) -> bool:
    consumer = graph.sole_consumer(graph.ops[before])
    return consumer is not None and consumer.index == after


def _keeps_shape(op: Op) -> bool:
    """Return True for an op of one tensor that makes another of the same shape, and is no view."""
    read = [tensor for tensor in op.inputs if tensor.role in ("result", "input")]
    return len(read) == 1 and len(op.outputs) == 1 and read[0].shape == op.output.shape


def with_repeats(branch: Branch, signature: Callable[[Branch], object]) -> Branch:
    """Return the branch with equal neighbors in a repeat, at every level."""
    children: list[Branch | int] = []
    for child in branch.children:
        if not isinstance(child, Branch):
            children.append(child)
            continue
        inner = with_repeats(child, signature)
        last = children[-1] if children else None
        if isinstance(last, Branch) and last.kind == "repeat" and _same(last.children[0], inner, signature):
            last.children.append(inner)
        elif isinstance(last, Branch) and _same(last, inner, signature):
            children[-1] = Branch(kind="repeat", path=last.path, children=[last, inner])
        else:
            children.append(inner)
    return Branch(kind=branch.kind, path=branch.path, children=children)


def _same(first: Branch | int, second: Branch, signature: Callable[[Branch], object]) -> bool:
    return isinstance(first, Branch) and signature(first) == signature(second)
