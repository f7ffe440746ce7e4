"""The graph of an ONNX file as modules: one for each node, at the path that it had in the exported network."""

import inspect
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor, nn

from ...errors import ConvwrightError
from . import elementwise, shaping, windows
from .node_call import NodeCall, Value, as_tensor
from .unknown import Declared, call_unknown, computed

Static = Mapping[str, np.ndarray[Any, Any]]

_OPERATORS = {**elementwise.OPERATORS, **windows.OPERATORS, **shaping.OPERATORS}
_NORM = ("weight", "bias")
# Names in torch of the inputs of an operator that are weights, after the first.
_WEIGHTS: Mapping[str, tuple[str, ...]] = {
    "BatchNormalization": (*_NORM, "running_mean", "running_var"),
    "Conv": _NORM,
    "ConvTranspose": _NORM,
    "Gemm": _NORM,
    "GroupNormalization": _NORM,
    "InstanceNormalization": _NORM,
    "LayerNormalization": _NORM,
    "MatMul": ("weight",),
    "PRelu": ("weight",),
}
_STATISTICS = ("running_mean", "running_var")
_TAKE_NUMBERS = ("Resize", "Upsample")  # for what else they are given


class SavedNode(NamedTuple):
    """A node of the file, as plain values.

    `declared` is what the file says about the shape and element type of each output.
    """

    op_type: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    opset: int
    declared: Declared


class OnnxNode(nn.Module):
    """One node: its weights, and the call of its operator.

    Parameters
    ----------
    node : SavedNode
        The node.
    static : mapping of str to array
        Values that depend on no input of the network, by name.
    weights : mapping of str to Parameter
        Those of them that are parameters, which nodes may share.
    """

    def __init__(self, node: SavedNode, static: Static, weights: Mapping[str, nn.Parameter]) -> None:
        super().__init__()
        self._node = node
        self._static = {place: static[name] for place, name in enumerate(node.inputs) if name in static}
        self._own: dict[int, str] = {}
        for place, array in self._static.items():
            if place and node.op_type in _TAKE_NUMBERS:
                continue
            known = _WEIGHTS.get(node.op_type, ())[place - 1 : place] if place else ()
            name = known[0] if known else f"input_{place}"
            if node.inputs[place] in weights and name not in _STATISTICS:
                self.register_parameter(name, weights[node.inputs[place]])
            elif array.ndim and array.dtype.kind == "f":
                self.register_buffer(name, as_tensor(array))
            else:
                continue
            self._own[place] = name

    def forward(self, *dynamic: Value) -> Sequence[Value]:
        """Return the outputs of the operator; `dynamic` are its inputs in order, None for those that are its own."""
        inputs = [self._static.get(place, value) for place, value in enumerate(dynamic)]
        is_known = not any(isinstance(value, Tensor) for value in inputs)
        if not is_known:
            inputs = [getattr(self, self._own[p]) if p in self._own else each for p, each in enumerate(inputs)]
        node = self._node
        call = NodeCall(
            op_type=node.op_type,
            inputs=inputs,
            attributes=node.attributes,
            num_outputs=len(node.outputs),
            opset=node.opset,
        )
        if is_known:
            return computed(call, node.domain)
        if node.op_type in shaping.SHAPES and not node.domain:
            return [shaping.SHAPES[node.op_type](call)]
        operator = _OPERATORS.get(node.op_type) if not node.domain else None
        result = operator(call) if operator is not None else NotImplemented
        if result is NotImplemented:
            result = call_unknown(call, node.domain, node.declared)
        return [result] if isinstance(result, Tensor) else list(result)


class OnnxNetwork(nn.Module):
    """The whole graph.

    Parameters
    ----------
    inputs, outputs : sequence of str
        Names of what goes in and comes out.
    static : mapping of str to array
        Values that depend on no input.
    """

    def __init__(self, inputs: Sequence[str], outputs: Sequence[str], static: Static) -> None:
        super().__init__()
        self._inputs, self._outputs = tuple(inputs), tuple(outputs)
        self._results = {name: static[name] for name in outputs if name in static}
        self._steps: list[tuple[OnnxNode, tuple[str, ...], tuple[str, ...]]] = []
        self._last: dict[str, int] = {}

    def add_node(self, path: str, node: SavedNode, module: OnnxNode, classes: Mapping[str, str]) -> None:
        """Add the next node at a path; modules around it have the names of classes that the file gives."""
        holder: nn.Module = self
        *outer, name = path.split(".")
        for depth, part in enumerate(outer, 1):
            child = holder._modules.get(part)
            if child is None:
                child = _class_named(classes.get(".".join(outer[:depth]), "Module"), nn.Module)()
                holder.add_module(part, child)
            holder = child
        module.__class__ = _class_named(node.op_type, OnnxNode)
        holder.add_module(name, module)
        reads = tuple("" if place in module._static else name for place, name in enumerate(node.inputs))
        for each in reads:
            self._last[each] = len(self._steps)
        self._steps.append((module, reads, node.outputs))

    def forward(self, *inputs: Tensor) -> Any:
        """Run all nodes in the order of the file; a value is dropped when the last node that reads it has run."""
        if len(inputs) != len(self._inputs):
            expected = ", ".join(self._inputs)
            raise ConvwrightError("inputs of the ONNX file", expected=expected, got=f"{len(inputs)} inputs")
        values: dict[str, Value] = dict(zip(self._inputs, inputs, strict=True))
        values.update(self._results)
        for step, (module, reads, writes) in enumerate(self._steps):
            values.update(zip(writes, module(*(values.get(name) for name in reads)), strict=False))
            for name in reads:
                if self._last.get(name) == step and name not in self._outputs:
                    values.pop(name, None)
        results = [values[name] for name in self._outputs]
        made = [as_tensor(each) if isinstance(each, np.ndarray) else each for each in results]
        return made[0] if len(made) == 1 else tuple(made)


@cache
def _class_named(name: str, base: type) -> Any:
    return type(name, (base,), {})


def network_class(name: str, inputs: Sequence[str]) -> type[OnnxNetwork]:
    """Return a class of this name whose `forward` takes its inputs by their names in the file."""

    def forward(self: OnnxNetwork, *given: Tensor, **named: Tensor) -> Any:
        return OnnxNetwork.forward(self, *given, *(named[each] for each in parameters if each in named))

    parameters = [each if each.isidentifier() else f"input_{place}" for place, each in enumerate(inputs)]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = [inspect.Parameter(each, kind) for each in ("self", *parameters)]
    forward.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    return type(name, (OnnxNetwork,), {"forward": forward})


def weight_names(node: SavedNode, static: Static) -> list[str]:
    """Return the names of the values that an operator takes for weights, wherever the file keeps them."""
    known = node.inputs[1 : 1 + len(_WEIGHTS.get(node.op_type, ()))]
    return [name for name in known if name in static and static[name].ndim]


def as_parameters(names: Sequence[str], static: Static) -> dict[str, nn.Parameter]:
    """Return values of the file as parameters, by name: one for each array."""
    made = {id(static[name]): nn.Parameter(as_tensor(static[name])) for name in names}
    return {name: made[id(static[name])] for name in names}
