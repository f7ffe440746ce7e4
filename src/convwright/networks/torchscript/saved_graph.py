"""The graph of a method of TorchScript as plain values, with the last use of each of them."""

from dataclasses import dataclass
from typing import Any

import torch

_FUNCTION = "function "  # before the name of a function that is a constant


@dataclass(frozen=True, kw_only=True)
class ScriptStep:
    """One node of a graph.

    Attributes
    ----------
    kind : str
        Its operator, as "aten::relu" or "prim::If".
    inputs, outputs : tuple of str
        Names of the values that it reads and makes.
    value : object
        The constant that it is, or the name of the attribute or method that it reads.
    arguments : tuple of str
        Names of the parameters of an operator; a star before one that is given by name only.
    blocks : tuple of ScriptBlock
        What it runs inside.
    drops : tuple of str
        Values that nothing reads after it.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    value: Any = None
    arguments: tuple[str, ...] = ()
    blocks: tuple["ScriptBlock", ...] = ()
    drops: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScriptBlock:
    """Nodes in the order in which they run, with the names of what they are given and of what they return."""

    inputs: tuple[str, ...]
    steps: tuple[ScriptStep, ...]
    outputs: tuple[str, ...]


def read_graph(block: Any) -> ScriptBlock:
    r"""Read a graph of torch, or a block of one.

    >>> graph = torch._C.parse_ir("graph(%x : Tensor):\n  %y : Tensor = aten::relu(%x)\n  return (%y)")
    >>> [(step.kind, step.arguments) for step in read_graph(graph).steps]
    [('aten::relu', ('self',))]
    """
    nodes = [_read_node(node) for node in block.nodes()]
    outputs = tuple(value.debugName() for value in block.outputs())
    inputs = tuple(value.debugName() for value in block.inputs())
    seen, own = set(outputs), {*inputs, *(name for step in nodes for name in step.outputs)}
    steps = []
    for step in reversed(nodes):
        read = {*step.inputs, *step.outputs, *(name for inner in step.blocks for name in _reads(inner))}
        steps.append(ScriptStep(**{**vars(step), "drops": tuple(sorted((read & own) - seen))}))
        seen |= read
    return ScriptBlock(inputs=inputs, steps=tuple(reversed(steps)), outputs=outputs)


def _reads(block: ScriptBlock) -> set[str]:
    inner = {name for step in block.steps for each in step.blocks for name in _reads(each)}
    return {*block.outputs, *(name for step in block.steps for name in step.inputs), *inner}


def _read_node(node: Any) -> ScriptStep:
    kind = node.kind()
    has_schema = kind.startswith("aten::") and node.schema() != "(no schema)"
    return ScriptStep(
        kind=kind,
        inputs=tuple(value.debugName() for value in node.inputs()),
        outputs=tuple(value.debugName() for value in node.outputs()),
        value=_constant(node) if kind == "prim::Constant" else _name(node),
        arguments=_arguments(node.schema()) if has_schema else (),
        blocks=tuple(read_graph(each) for each in node.blocks()),
    )


def _constant(node: Any) -> Any:
    is_function = node.output().type().kind() == "FunctionType"
    return _FUNCTION + node.s("name") if is_function else node.output().toIValue()


def function_name(value: object) -> str:
    """Return the name of a function that is a constant; "" for any other value."""
    return value.removeprefix(_FUNCTION) if isinstance(value, str) and value.startswith(_FUNCTION) else ""


def _name(node: Any) -> str:
    return str(node.s("name")) if "name" in node.attributeNames() else ""


def _arguments(schema: str) -> tuple[str, ...]:
    return tuple("*" * each.kwarg_only + each.name for each in torch._C.parse_schema(schema).arguments)
