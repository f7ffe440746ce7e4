"""Networks saved by `torch.export.save`: their graph of aten calls, as a module that can be traced."""

import inspect
import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch.export import ExportedProgram
from torch.fx import Node

from ..errors import ConvwrightError
from .inputs.network_input import NetworkInput
from .name import NetworkName
from .network import Network

# Names of arguments of aten that the Python functions of torch call otherwise.
RENAMED = {"self": "input", "indices": "input", "train": "training"}


def open_exported(name: NetworkName) -> Network:
    """Load a network that `torch.export.save` wrote, with its modules and the inputs that it was exported for.

    Nothing in the file is executed: pickled objects other than tensors are refused. The calls in its graph are those of
    torch's own operators.

    Raises
    ------
    ConvwrightError
        When there is no such file, or it holds no exported network.
    """
    if not Path(name.text).is_file():
        raise ConvwrightError(f"{name.text} does not exist", expected="a file that torch.export.save wrote")
    try:
        with without_pickled_code():
            program = torch.export.load(name.text)
        module = torch.export.unflatten(program)
    except Exception as error:  # of torch's readers, each with its own kinds for what a file lacks
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        problem = f"{name.text} cannot be read as a network of torch.export: {reason}"
        raise ConvwrightError(problem, hint="write it with torch.export.save") from error
    classes = _classes(program)
    for path, each in module.named_modules():
        graph = getattr(each, "graph", None)
        if isinstance(graph, torch.fx.Graph):
            _call_python_functions(graph)
        if path in classes:  # all are of one class of torch's, whatever they were
            each.__class__ = type(classes[path], (type(each),), {})
    module.__class__ = type(classes.get("", "ExportedModule"), (type(module),), {})
    assumed = ("train mode too runs the exported graph, whose norms and dropout stay as they were exported",)
    return Network(module=module, label=name.text, given=tuple(_inputs(program)), assumed=assumed)


@contextmanager
def without_pickled_code() -> Iterator[None]:
    """While active, torch loads tensors and plain values only: unpickling anything else is an error."""
    load = torch.load

    def load_tensors(*args: Any, **kwargs: Any) -> Any:
        return load(*args, **{**kwargs, "weights_only": True})

    def refuse(*_: Any, **__: Any) -> Any:
        raise pickle.UnpicklingError("it holds a pickled object, which may run any code")

    with patch.object(torch, "load", load_tensors), patch.object(pickle, "loads", refuse):
        yield


def _classes(program: ExportedProgram) -> Mapping[str, str]:
    """Return the names of the classes that the modules had, by path."""
    found = {}
    for node in program.graph.nodes:
        for path, kind in (node.meta.get("nn_module_stack") or {}).values():
            found[path.partition("@")[0]] = (kind if isinstance(kind, str) else kind.__name__).rpartition(".")[2]
    return found


def _inputs(program: ExportedProgram) -> Iterator[NetworkInput]:
    values = {node.name: node.meta.get("val") for node in program.graph.nodes if node.op == "placeholder"}
    for name in program.graph_signature.user_inputs:
        value = values.get(name) if isinstance(name, str) else None
        if isinstance(value, torch.Tensor):
            shape = tuple(size if isinstance(size, int) else int(size.node.hint) for size in value.shape)
            yield NetworkInput(shape=shape, dtype=None if value.is_floating_point() else value.dtype)


def _call_python_functions(graph: torch.fx.Graph) -> None:
    """Let the nodes of a graph call torch's Python functions, which the tracer knows, instead of aten's overloads."""
    for node in graph.nodes:
        if node.op == "call_function" and isinstance(node.target, torch._ops.OpOverload):
            name = node.target._schema.name.removeprefix("aten::")
            function = python_function(name) or python_function(name.rstrip("_"))
            if function is not None:
                _call(node, function, is_inplace=name.endswith("_"))


def python_function(name: str) -> Callable[..., Any] | None:
    """Return the function of torch that an operator of aten has the name of."""
    return next(
        (found for place in (F, torch, torch.Tensor) if (found := getattr(place, name, None)) is not None), None
    )


def _call(node: Node, function: Callable[..., Any], *, is_inplace: bool) -> None:
    """Change the target of a node; a function in Python takes its arguments by name, all others those of aten."""
    if inspect.isfunction(function):
        schema = [argument.name for argument in node.target._schema.arguments]  # type: ignore[union-attr]
        given = {**dict(zip(schema, node.args, strict=False)), **node.kwargs}
        given = {RENAMED.get(name, name): value for name, value in given.items()}
        parameters = inspect.signature(function).parameters
        takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
        node.args = ()
        node.kwargs = {name: value for name, value in given.items() if takes_all or name in parameters}
        if is_inplace and "inplace" in parameters:
            node.kwargs = {**node.kwargs, "inplace": True}
    node.target = function
