"""Operators of ONNX that torch has no function for: named, of known shape, and never counted as nothing."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper
from onnx.reference import ReferenceEvaluator
from torch import Tensor
from torch.overrides import handle_torch_function, has_torch_function

from ...errors import ConvwrightError
from .elementwise import DTYPES
from .node_call import NodeCall, Value, as_tensor

Declared = Sequence[tuple[tuple[int, ...], int] | None]
_NUMBERS = {dtype: number for number, dtype in DTYPES.items()}


def call_unknown(call: NodeCall, domain: str, declared: Declared) -> Sequence[Tensor]:
    """Call an operator by its name, so that a trace records it under this name.

    Without numbers its outputs have the shapes that ONNX infers for it, or those that the file declares; with numbers
    they are computed by ONNX's reference implementation.

    Parameters
    ----------
    call : NodeCall
        The call.
    domain : str
        Set of operators that it belongs to; "" for ONNX's own.
    declared : sequence of (shape, element type)
        What the file says about each output; None where it says nothing.
    """
    if any(isinstance(value, onnx.GraphProto) for value in call.attributes.values()):
        problem = f"{call.op_type} of the ONNX file holds graphs of its own"
        raise ConvwrightError(problem, hint="simplify the file first, or analyze the source of the network")
    arrays = {place: value for place, value in enumerate(call.inputs) if isinstance(value, np.ndarray)}
    tensors = [value for value in call.inputs if isinstance(value, Tensor)]
    places = [place for place, value in enumerate(call.inputs) if isinstance(value, Tensor)]
    function = _function(call.op_type)
    return function(tensors, places, arrays, dict(call.attributes), (domain, call.opset, call.num_outputs), declared)


@cache
def _function(op_type: str) -> Callable[..., Sequence[Tensor]]:
    def function(
        tensors: list[Tensor],
        places: list[int],
        arrays: dict[int, Any],
        attributes: dict[str, Any],
        operator: tuple[str, int, int],
        declared: Declared,
    ) -> Sequence[Tensor]:
        given = (tensors, places, arrays, attributes, operator, declared)
        if has_torch_function(tensors):
            return handle_torch_function(function, tensors, *given)
        domain, opset, num_outputs = operator
        inputs: list[Value] = [None] * (1 + max([*places, *arrays]))
        for place, value in [*zip(places, tensors, strict=True), *arrays.items()]:
            inputs[place] = value
        call = NodeCall(op_type=op_type, inputs=inputs, attributes=attributes, num_outputs=num_outputs, opset=opset)
        if not any(tensor.is_meta for tensor in tensors):
            return _computed(call, domain)
        return _without_numbers(call, domain, declared)

    function.__name__ = op_type
    return function


def computed(call: NodeCall, domain: str = "") -> list[np.ndarray[Any, Any]]:
    """Return the outputs of an operator whose inputs are all known, by ONNX's reference implementation.

    Raises
    ------
    ConvwrightError
        If it has none.
    """
    node = _node(call, domain)
    arrays = [value.detach().cpu().numpy() if isinstance(value, Tensor) else value for value in call.inputs]
    given = {name: array for name, array in zip(node.input, arrays, strict=True) if name}
    try:
        return list(ReferenceEvaluator(node, opsets={"": call.opset, domain: call.opset}).run(None, given))
    except Exception as error:  # of its many implementations
        reason = str(error).strip().partition("\n")[0]
        raise ConvwrightError(f"{call.op_type} of the ONNX file cannot be computed ({reason})") from error


def _computed(call: NodeCall, domain: str) -> list[Tensor]:
    return [as_tensor(np.asarray(each)) for each in computed(call, domain)]


def _without_numbers(call: NodeCall, domain: str, declared: Declared) -> list[Tensor]:
    facts = [*(_inferred(call, domain) or ()), *[None] * call.num_outputs][: call.num_outputs]
    facts = [fact or (declared[place] if place < len(declared) else None) for place, fact in enumerate(facts)]
    if None in facts:
        raise NotImplementedError(f"the shape of what {call.op_type} gives is data-dependent")
    known = [fact for fact in facts if fact is not None]
    return [torch.empty(shape, dtype=DTYPES.get(kind, torch.float32), device="meta") for shape, kind in known]


def _inferred(call: NodeCall, domain: str) -> list[tuple[tuple[int, ...], int] | None] | None:
    """Return the shape and element type of each output as ONNX infers them from the inputs of this call."""
    node = _node(call, domain)
    inputs, known = [], []
    for name, value in zip(node.input, call.inputs, strict=True):
        if isinstance(value, np.ndarray):
            known.append(onnx.numpy_helper.from_array(value, name))
        elif isinstance(value, Tensor):
            inputs.append(helper.make_tensor_value_info(name, _NUMBERS.get(value.dtype, 1), list(value.shape)))
    outputs = [onnx.ValueInfoProto(name=name) for name in node.output]
    graph = helper.make_graph([node], "one", inputs, outputs, known)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(domain, call.opset)])
    try:
        found = onnx.shape_inference.infer_shapes(model, data_prop=True).graph.output
    except Exception:  # an operator that ONNX has no rule for
        return None
    return [shape_of(each) for each in found]


def shape_of(info: onnx.ValueInfoProto) -> tuple[tuple[int, ...], int] | None:
    """Return the shape and element type of a value; None if any size is open."""
    kind = info.type.tensor_type
    if not kind.HasField("shape") or any(not size.HasField("dim_value") for size in kind.shape.dim):
        return None
    return tuple(size.dim_value for size in kind.shape.dim), kind.elem_type


def _node(call: NodeCall, domain: str) -> onnx.NodeProto:
    names = ["" if value is None else f"x{place}" for place, value in enumerate(call.inputs)]
    outputs = [f"y{place}" for place in range(call.num_outputs)]
    attributes: Mapping[str, Any] = call.attributes
    return helper.make_node(call.op_type, names, outputs, domain=domain, **attributes)
