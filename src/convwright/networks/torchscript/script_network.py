"""Modules of a TorchScript file: their parameters, and their graphs, run node by node."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from ...errors import ConvwrightError
from .saved_graph import ScriptBlock, ScriptStep, function_name, read_graph
from .script_calls import UnknownOperatorError, call_operator


class ScriptNetwork(nn.Module):
    """A module of the file, which runs the graphs of its methods.

    Parameters
    ----------
    script : torch.jit.ScriptModule
        The module as torch loads it.
    """

    def __init__(self, script: Any) -> None:
        super().__init__()
        self.train(bool(script.training))
        compiled = script._c
        self._plain: dict[str, Any] = {}
        self._methods = {
            name: _method(compiled._get_method(name)) for name in compiled._method_names() if compiled._has_method(name)
        }
        weights = dict(script.named_parameters(recurse=False))
        for name, child in script.named_children():
            self.add_module(name, script_class(child)(child))
        for name, weight in weights.items():
            self.register_parameter(name, nn.Parameter(weight.detach(), requires_grad=weight.requires_grad))
        for name, each in script.named_buffers(recurse=False):
            self.register_buffer(name, each)
        known = {*weights, *self._buffers, *self._modules, "training"}
        for name in {step.value for block in self._methods.values() for step in _all_steps(block)} - known:
            if isinstance(name, str) and name and compiled.hasattr(name):
                self._plain[name] = compiled.getattr(name)

    def forward(self, *inputs: Any) -> Any:
        """Run the graph of `forward`."""
        return self.run("forward", inputs)

    def run(self, method: str, inputs: Sequence[Any]) -> Any:
        """Run the graph of a method."""
        block = self._methods[method]
        values = dict(zip(block.inputs, (self, *inputs), strict=True))
        return _run(block, values)[0]

    def attribute(self, name: str) -> Any:
        """Return a parameter, a module or a plain value."""
        return self._plain[name] if name in self._plain else getattr(self, name)


def script_class(script: Any) -> type[ScriptNetwork]:
    """Return a class with the name of the module's own, whose `forward` takes the arguments of the file by name."""
    has_forward = script._c._has_method("forward")
    arguments = script._c._get_method("forward").schema.arguments if has_forward else ()
    return _named_class(script.original_name, tuple(each.name for each in arguments))


@cache
def _named_class(name: str, arguments: tuple[str, ...]) -> type[ScriptNetwork]:
    def forward(self: ScriptNetwork, *given: Any, **named: Any) -> Any:
        return self.run("forward", (*given, *(named[each] for each in arguments if each in named)))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(each, kind) for each in arguments])
    forward.__signature__ = signature  # type: ignore[attr-defined]
    return type(name, (ScriptNetwork,), {"forward": forward})


def _method(method: Any) -> ScriptBlock:
    """Read a method; one that calls functions which are no functions of torch's is read with all its calls inlined."""
    block = read_graph(method.graph)
    functions = {function_name(step.value) for step in _all_steps(block)} - {""}
    if all(hasattr(F, name) for name in functions):
        return block
    graph = method.graph.copy()
    torch._C._jit_pass_inline(graph)
    return read_graph(graph)


def _all_steps(block: ScriptBlock) -> list[ScriptStep]:
    return [each for step in block.steps for each in (step, *(i for b in step.blocks for i in _all_steps(b)))]


def _run(block: ScriptBlock, values: dict[str, Any]) -> list[Any]:
    for step in block.steps:
        values.update(zip(step.outputs, _results(step, values), strict=True))
        for name in step.drops:
            values.pop(name, None)
    return [values[name] for name in block.outputs]


def _results(step: ScriptStep, values: Mapping[str, Any]) -> Sequence[Any]:
    given = [values[name] for name in step.inputs]
    if step.kind.startswith("aten::"):
        result = _called(step, given)
        return [result] if len(step.outputs) == 1 else (result if step.outputs else [])
    if step.kind == "prim::If":
        return _run(step.blocks[0 if given[0] else 1], {**values})
    if step.kind == "prim::Loop":
        return _looped(step.blocks[0], given, values)
    if step.kind in ("prim::TupleUnpack", "prim::ListUnpack"):
        return list(given[0])
    return [_structural(step, given)] if step.outputs else []


def _called(step: ScriptStep, given: Sequence[Any]) -> Any:
    try:
        return call_operator(step.kind, step.arguments, given)
    except UnknownOperatorError as error:
        raise _unknown(step) from error


def _structural(step: ScriptStep, given: Sequence[Any]) -> Any:
    if step.kind == "prim::Constant":
        return step.value
    if step.kind == "prim::CallMethod" and step.value != "forward":
        return given[0].run(step.value, given[1:])
    if step.kind not in _STRUCTURE:
        raise _unknown(step)
    return _STRUCTURE[step.kind](step.value, *given)


def _same(_: Any, value: Any = None) -> Any:
    return value


_STRUCTURE: Mapping[str, Callable[..., Any]] = {
    "prim::CallFunction": lambda _, function, *rest: getattr(F, function_name(function))(*rest),
    "prim::CallMethod": lambda _, module, *rest: module(*rest),
    "prim::DictConstruct": lambda _, *items: dict(zip(items[::2], items[1::2], strict=True)),
    "prim::GetAttr": lambda name, module: module.attribute(name),
    "prim::ListConstruct": lambda _, *items: [*items],
    "prim::NumToTensor": _same,
    "prim::TupleConstruct": lambda _, *items: items,
    "prim::TupleIndex": lambda _, items, place: items[place],
    "prim::Uninitialized": _same,
    "prim::data": _same,
    "prim::device": lambda _, tensor: tensor.device,
    "prim::dtype": lambda _, tensor: tensor.dtype,
    "prim::is_cuda": lambda _, tensor: tensor.is_cuda,
    "prim::max": lambda _, *numbers: max(*numbers),
    "prim::min": lambda _, *numbers: min(*numbers),
    "prim::shape": lambda _, tensor: [*tensor.shape],
    "prim::unchecked_cast": _same,
}


def _unknown(step: ScriptStep) -> ConvwrightError:
    return ConvwrightError(f"{step.kind} of the TorchScript file is not known", hint="analyze the Python source of it")


def _looped(block: ScriptBlock, given: Sequence[Any], values: Mapping[str, Any]) -> Sequence[Any]:
    most, goes_on, *carried = given
    for number in range(most):
        if not goes_on:
            break
        goes_on, *carried = _run(block, {**values, **dict(zip(block.inputs, (number, *carried), strict=True))})
    return carried
