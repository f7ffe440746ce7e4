"""Open an ONNX file: its graph, its weights and its inputs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.inliner import inline_local_functions

from ...errors import ConvwrightError
from ..inputs.network_input import NetworkInput
from ..name import NetworkName
from ..network import Network
from .elementwise import DTYPES
from .node_call import NodeCall
from .onnx_network import OnnxNode, SavedNode, as_parameters, network_class, weight_names
from .paths import module_paths
from .unknown import computed, shape_of

_OPEN_SIZE, _OPEN_PIXELS = 1, 224
# Arithmetic on weights gives weights; on anything else, constants.
_KEEPS_WEIGHTS = ("Cast", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze")
_RANDOM = ("Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike")


def open_onnx(name: NetworkName) -> Network:
    """Load a network from an ONNX file.

    Nothing in the file is executed but its graph, by functions of torch. The weights are what the file has: an exporter
    that folds norms into convolutions leaves none to be counted.

    Raises
    ------
    ConvwrightError
        When there is no such file, or it holds no graph of ONNX.
    """
    model = _model(name.text)
    graph = model.graph
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    shapes = {info.name: fact for info in (*graph.value_info, *graph.output) if (fact := shape_of(info)) is not None}
    static = {each.name: np.array(numpy_helper.to_array(each)) for each in graph.initializer}
    weights = dict.fromkeys(key for key, array in static.items() if array.ndim and _is_real(array))
    nodes = []
    for proto in graph.node:
        node = _graph_node(proto, opsets, shapes)
        if all(not each or each in static for each in node.inputs) and node.op_type not in _RANDOM:
            _fold(node, static, weights)
        else:
            nodes.append((proto, node))
    inputs = [each for each in graph.input if each.name not in static]
    paths, classes = module_paths([proto for proto, _ in nodes], weights)
    weights |= dict.fromkeys(each for _, node in nodes for each in weight_names(node, static) if _is_real(static[each]))
    made = as_parameters([*weights], static)
    kind = network_class(classes.get("", "OnnxNetwork"), [each.name for each in inputs])
    module = kind([each.name for each in inputs], [each.name for each in graph.output], static)
    for path, (_, node) in zip(paths, nodes, strict=True):
        module.add_node(path, node, OnnxNode(node, static, made), classes)
    assumed: list[str] = []
    given = tuple(_inputs(inputs, assumed))
    told = (
        "every array of floating-point numbers in the file is a parameter, but the statistics of norms",
        "train mode too runs the graph of the file, whose norms and dropout stay as they were saved",
    )
    return Network(module=module, label=name.text, given=given, assumed=(*assumed, *told))


def _model(path: str) -> onnx.ModelProto:
    if not Path(path).is_file():
        raise ConvwrightError(f"{path} does not exist", expected="a file of ONNX")
    try:
        model = onnx.load(path)
        if not model.graph.node:
            raise ValueError("it has no graph")
        return inline_local_functions(model) if model.functions else model
    except Exception as error:  # of protobuf, of files beside it that hold the weights
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ConvwrightError(f"{path} cannot be read as a network of ONNX: {reason}") from error


def _is_real(array: np.ndarray[Any, Any]) -> bool:
    return bool(array.dtype.kind == "f" or array.dtype.name == "bfloat16")


def _graph_node(
    proto: onnx.NodeProto, opsets: dict[str, int], shapes: dict[str, tuple[tuple[int, ...], int]]
) -> SavedNode:
    values = {each.name: helper.get_attribute_value(each) for each in proto.attribute}
    domain = "" if proto.domain == "ai.onnx" else proto.domain
    outputs = [*proto.output]
    while outputs and not outputs[-1]:
        outputs.pop()
    return SavedNode(
        op_type=proto.op_type,
        domain=domain,
        inputs=tuple(proto.input),
        outputs=tuple(outputs),
        attributes={key: value.decode() if isinstance(value, bytes) else value for key, value in values.items()},
        opset=opsets.get(domain, opsets.get("ai.onnx", 1)),
        declared=tuple(shapes.get(each) for each in outputs),
    )


def _fold(node: SavedNode, static: dict[str, np.ndarray[Any, Any]], weights: dict[str, None]) -> None:
    """Compute a node whose inputs are all known, as an exporter would have."""
    call = NodeCall(
        op_type=node.op_type,
        inputs=[static.get(each) for each in node.inputs],
        attributes=node.attributes,
        num_outputs=len(node.outputs),
        opset=node.opset,
    )
    is_alias = node.op_type == "Identity"  # of equal weights, which some exporters keep once
    found = [static[node.inputs[0]]] if is_alias else computed(call, node.domain)
    is_weight = node.op_type == "DequantizeLinear" or (
        node.op_type in _KEEPS_WEIGHTS and any(each in weights for each in node.inputs[:1])
    )
    for name, array in zip(node.outputs, found, strict=False):
        static[name] = np.asarray(array)
        if is_weight and static[name].ndim and _is_real(static[name]):
            weights[name] = None


def _inputs(values: list[onnx.ValueInfoProto], assumed: list[str]) -> Iterator[NetworkInput]:
    """Yield the inputs, and note the sizes that the file leaves open."""
    for value in values:
        kind = value.type.tensor_type
        sizes = kind.shape.dim
        shape = []
        for axis, size in enumerate(sizes):
            usual = _OPEN_PIXELS if len(sizes) == 4 and axis > 1 else _OPEN_SIZE
            shape.append(size.dim_value if size.dim_value > 0 else usual)
            if size.dim_value <= 0 and axis > 0:
                assumed.append(f"{usual} for the size {size.dim_param or axis} of input {value.name}, which is open")
        dtype = DTYPES.get(kind.elem_type)
        yield NetworkInput(shape=tuple(shape), dtype=None if dtype is None or dtype.is_floating_point else dtype)
