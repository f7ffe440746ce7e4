"""Paths of the modules that were exported, from metadata, from names, or from operators alone."""

import onnx

from convwright.networks.onnx_graph.paths import module_paths


def node(op_type, name="", scopes=None, classes=(), inputs=()):
    made = onnx.NodeProto(op_type=op_type, name=name, input=inputs)
    if scopes is not None:
        made.metadata_props.add(key="pkg.torch.onnx.name_scopes", value=str(scopes))
        made.metadata_props.add(key="pkg.torch.onnx.class_hierarchy", value=str(list(classes)))
    return made


def test_they_are_read_from_metadata():
    net, block = ["", "block", "block.bn", "norm"], ["a.Net", "b.Block", "nn.BatchNorm2d", "aten.norm"]
    nodes = [node("Conv", scopes=net, classes=block, inputs=["x", "block.conv.weight"])]
    nodes += [node("Add", scopes=["", "block", "add"], classes=["a.Net", "b.Block", "aten.add"])]
    paths, classes = module_paths(nodes, {"block.conv.weight": None})
    assert paths == ["block.conv", "block.Add"]
    assert (classes[""], classes["block"]) == ("Net", "Block")


def test_they_are_read_from_names():
    names = ["/layers/layers.0/conv/Conv", "/layers/layers.0/act/Relu", "/layers/layers.10/Add", "/Flatten"]
    paths, _ = module_paths([node(name.rpartition("/")[2], name) for name in names], {})
    assert paths == ["layers.0.conv", "layers.0.act", "layers.10", "Flatten"]


def test_nodes_of_one_module_are_numbered():
    paths, _ = module_paths([node(kind) for kind in ("Mul", "Add", "Mul")], {})
    assert paths == ["Mul", "Add", "Mul_1"]
