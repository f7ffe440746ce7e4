"""The network as a tree of modules, with what each costs; equal neighbours fold into one row."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from ..graph import ModuleRow
from .facts import OpFacts


@dataclass(frozen=True, kw_only=True)
class Node:
    """A module, or an op that a module calls itself, with the sums of all below it.

    Attributes
    ----------
    name, path : str
        Last part of the module path, and all of it. An op is named by its kind; a fold is named "first-last".
    type_name : str
        Class of the module; "" for an op.
    parameters, macs, flops : int
        Of all ops below, so that a level of the tree adds up to the level above. Uncounted ops add nothing.
    output_shape : tuple of int
        Of the last op below.
    receptive_field_px, jump_px : tuple of int, optional
        Of the last op below, for each spatial axis.
    num_ops : int
        Ops below.
    repeats : int
        How many equal neighbours this row stands for; its sums are over all of them.
    children : tuple of Node
        In call order.
    ops : tuple of OpFacts
        All ops below, in call order within each child.
    """

    name: str
    path: str
    type_name: str
    parameters: int
    macs: int
    flops: int
    output_shape: tuple[int, ...]
    receptive_field_px: tuple[int, ...] | None
    jump_px: tuple[float | None, ...] | None
    num_ops: int
    repeats: int = 1
    children: tuple["Node", ...] = ()
    ops: tuple[OpFacts, ...] = field(default=(), repr=False)

    def walk(self, depth: int | None = None, level: int = 0) -> Iterator[tuple[int, "Node"]]:
        """The node and all below it with their level, down to `depth` levels."""
        yield level, self
        if depth is None or level < depth:
            for child in self.children:
                yield from child.walk(depth, level + 1)

    def to_dict(self) -> dict[str, Any]:
        """The node and its children as plain values."""
        plain = {k: v for k, v in vars(self).items() if k not in ("children", "ops")}
        return plain | {"children": [child.to_dict() for child in self.children]}


def module_tree(
    ops: Iterable[OpFacts], modules: Mapping[str, ModuleRow], model_type: str, *, is_folded: bool = True
) -> Node:
    """The tree of a traced network.

    Parameters
    ----------
    ops : iterable of OpFacts
        In call order.
    modules : Mapping[str, ModuleRow]
        By path, for their class names.
    model_type : str
        Name of the root.
    is_folded : bool
        True: equal neighbors are one row.
    """
    root = _Branch(path="")
    for facts in ops:
        branch, parts = root, facts.op.path.split(".") if facts.op.path else []
        for depth in range(len(parts)):
            branch = branch.child(parts[depth], ".".join(parts[: depth + 1]))
        branch.entries.append(facts)
    types = {path: row.type for path, row in modules.items()}
    tree = _node(root, model_type, types)
    return replace(_folded(tree) if is_folded else tree, name=model_type)


class _Branch:
    """A module while the tree grows: its children and its own ops in the order of their first call."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.entries: list[_Branch | OpFacts] = []
        self._children: dict[str, _Branch] = {}

    def child(self, name: str, path: str) -> "_Branch":
        if name not in self._children:
            self._children[name] = _Branch(path)
            self.entries.append(self._children[name])
        return self._children[name]


def _node(branch: _Branch, name: str, types: Mapping[str, str]) -> Node:
    children = tuple(
        _node(entry, entry.path.rpartition(".")[2], types) if isinstance(entry, _Branch) else _leaf(entry)
        for entry in branch.entries
    )
    type_name = types.get(branch.path, "")
    if len(children) == 1 and not children[0].type_name and branch.path:
        return replace(children[0], name=name, path=branch.path, type_name=type_name, children=())
    return _sum(children, name=name, path=branch.path, type_name=type_name)


def _leaf(facts: OpFacts) -> Node:
    return Node(
        name=facts.op.kind,
        path=facts.op.path,
        type_name="",
        parameters=facts.parameters,
        macs=facts.macs or 0,
        flops=facts.flops or 0,
        output_shape=facts.op.output.shape if facts.op.outputs else (),
        receptive_field_px=facts.receptive_field_px,
        jump_px=facts.jump_px,
        num_ops=1,
        ops=(facts,),
    )


def _sum(children: tuple[Node, ...], *, name: str, path: str, type_name: str, repeats: int = 1) -> Node:
    last = children[-1] if children else None
    return Node(
        name=name,
        path=path,
        type_name=type_name,
        parameters=sum(child.parameters for child in children),
        macs=sum(child.macs for child in children),
        flops=sum(child.flops for child in children),
        output_shape=last.output_shape if last else (),
        receptive_field_px=last.receptive_field_px if last else None,
        jump_px=last.jump_px if last else None,
        num_ops=sum(child.num_ops for child in children),
        repeats=repeats,
        children=children,
        ops=tuple(chain.from_iterable(child.ops for child in children)),
    )


def _folded(node: Node) -> Node:
    """`node` with equal neighbours among its children, and theirs, in one row."""
    rows: list[Node] = []
    for child in map(_folded, node.children):
        if rows and child.type_name and _signature(rows[-1]) == _signature(child):
            rows[-1] = _merged(rows[-1], child)
        else:
            rows.append(child)
    return replace(node, children=tuple(rows))


def _signature(node: Node) -> tuple[Any, ...]:
    """Return what two modules must share to be one row: class, cost and shape of one, and so of everything below."""
    one = tuple(total // node.repeats for total in (node.parameters, node.macs, node.flops, node.num_ops))
    return node.type_name, one, node.output_shape, tuple((_signature(c), c.name) for c in node.children)


def _merged(first: Node, second: Node) -> Node:
    """Two neighbours of one signature, their sums added all the way down; the field is the later one's."""
    children = tuple(_merged(a, b) for a, b in zip(first.children, second.children, strict=True))
    same_place = first.path.rpartition(".")[0] == second.path.rpartition(".")[0] and first.name != second.name
    name = f"{first.name.partition('-')[0]}-{second.name}" if same_place else first.name
    repeats = first.repeats + second.repeats
    both = _sum((first, second), name=name, path=first.path, type_name=first.type_name, repeats=repeats)
    return replace(both, children=children)
