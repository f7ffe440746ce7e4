"""Paths of modules for the nodes of an ONNX graph: those of the exported network, where the file tells them."""

import ast
from collections import Counter
from collections.abc import Mapping, Sequence

import onnx

_SCOPES, _CLASSES = "pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy"


def module_paths(nodes: Sequence[onnx.NodeProto], weights: Mapping[str, object]) -> tuple[list[str], dict[str, str]]:
    """Return the path of each node, and the classes of the modules around them by path.

    A node that is alone in its module has the module's path; others are numbered in it by their operator. Both of
    torch's exporters write the modules: in the metadata of a node, or in its name. `weights` are the initializers.

    >>> names = ["/stem/conv/Conv", "/blocks/blocks.0/Add", "/blocks/blocks.0/Relu", ""]
    >>> nodes = [onnx.NodeProto(name=name, op_type=name.rpartition("/")[2] or "Relu") for name in names]
    >>> module_paths(nodes, {})[0]
    ['stem.conv', 'blocks.0.Add', 'blocks.0.Relu', 'Relu']
    """
    classes: dict[str, str] = {}
    scopes = [_scope(node, weights, classes) for node in nodes]
    alone = {scope for scope, count in Counter(scopes).items() if count == 1 and scope}
    outer = {scope[:place] for scope in scopes for place, letter in enumerate(scope) if letter == "."}
    taken = {*outer, *(alone - outer)}
    paths = []
    for node, scope in zip(nodes, scopes, strict=True):
        if scope in alone - outer:
            classes.pop(scope, None)
            paths.append(scope)
            continue
        kind = node.op_type.replace(".", "_")
        stem = f"{scope}.{kind}" if scope else kind
        path, number = stem, 0
        while path in taken:
            number += 1
            path = f"{stem}_{number}"
        taken.add(path)
        paths.append(path)
    return paths, classes


def _scope(node: onnx.NodeProto, weights: Mapping[str, object], classes: dict[str, str]) -> str:
    """Return the path of the module that a node was exported from; "" where the file does not tell."""
    metadata = {entry.key: entry.value for entry in node.metadata_props}
    if _SCOPES in metadata:
        scopes, kinds = (_names(metadata.get(key, "[]")) for key in (_SCOPES, _CLASSES))
        classes.update({scope: kind.rpartition(".")[2] for scope, kind in zip(scopes[:-1], kinds, strict=False)})
        scope = scopes[-2] if len(scopes) > 1 else ""
    else:
        scope = _scope_in_name(node)
    # A convolution that took in its norm says that it is the norm; its weight says which convolution it was.
    owners = [name.rpartition(".")[0] for name in node.input if name in weights and name.endswith(".weight")]
    is_beside = bool(owners) and owners[0].rpartition(".")[0] == scope.rpartition(".")[0]
    return owners[0] if is_beside else scope


def _names(text: str) -> list[str]:
    try:
        return [str(name) for name in ast.literal_eval(text)]
    except (ValueError, SyntaxError):
        return []


def _scope_in_name(node: onnx.NodeProto) -> str:
    """Return the path in a name such as `/layer1/layer1.0/conv1/Conv`, where an item of a sequence repeats its name."""
    if not node.name.startswith("/"):
        return ""
    path, last = "", ""
    for part in node.name.split("/")[1:-1]:
        name = part.removeprefix(f"{last}.") if last else part
        path, last = f"{path}.{name}" if path else name, part
    return path
