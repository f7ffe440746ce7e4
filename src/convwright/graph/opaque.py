"""Compiled TorchScript, which a trace cannot look into: it runs as one op."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from threading import local
from typing import Any
from unittest.mock import patch

import torch
from torch import nn
from torch.overrides import handle_torch_function

from .module_tree import ModuleTree
from .tensor_table import tensors_in

_running = local()  # what is compiled in the trace that runs in this thread, by path or name


@contextmanager
def compiled_calls(tree: ModuleTree, is_traced: Callable[[], bool]) -> Iterator[None]:
    """While active, a call of a compiled module or function is the one op `torchscript`, which reads all its weights.

    Its ops cannot be seen. Shapes come from computing it, on a copy whose state may change. Calls for which `is_traced`
    is False, such as those of other threads, run as torch has them.
    """
    modules = dict(_outermost(tree))
    before, _running.compiled = getattr(_running, "compiled", {}), {**modules}
    original = torch.jit.ScriptFunction.__call__

    def of_function(function: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_traced():
            return original(function, *args, **kwargs)
        _running.compiled[function.name] = partial(original, function)
        return handle_torch_function(torchscript, (), args, kwargs, (), function.name, False)

    for path, module in modules.items():
        vars(module)["forward"] = partial(_of_module, path, module)
    try:
        with patch.object(torch.jit.ScriptFunction, "__call__", of_function):
            yield
    finally:
        _running.compiled = before
        for module in modules.values():
            vars(module).pop("forward", None)


def forward_signature(model: nn.Module) -> inspect.Signature:
    """Return the parameters of `forward`; those of a compiled module are read from its schema.

    >>> str(forward_signature(nn.ReLU()))
    '(input: torch.Tensor) -> torch.Tensor'
    """
    if not isinstance(model, torch.jit.ScriptModule):
        return inspect.signature(model.forward)
    return inspect.Signature([_parameter(each) for each in model._c._get_method("forward").schema.arguments[1:]])


def _parameter(argument: Any) -> inspect.Parameter:
    none = inspect.Parameter.empty
    return inspect.Parameter(
        argument.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=argument.default_value if argument.has_default_value() else none,
        annotation=torch.Tensor if str(argument.type) == "Tensor" else none,
    )


def torchscript(args: tuple[Any, ...], kwargs: Mapping[str, Any], weights: Any, name: str, training: bool) -> Any:
    """Call what is compiled under a path or name: the name of the op that a trace records."""
    del weights, training
    if any(tensor.is_meta for tensor in tensors_in((args, dict(kwargs)))):
        raise NotImplementedError("compiled TorchScript is computed, on numbers")
    compiled = _running.compiled[name]
    return (deepcopy(compiled).cpu() if isinstance(compiled, nn.Module) else compiled)(*args, **kwargs)


def _of_module(path: str, module: nn.Module, *args: Any, **kwargs: Any) -> Any:
    weights = (*module.parameters(), *module.buffers())
    # Nobody sees what reads the mode inside; that it is read here says that in the other mode other ops may run.
    return handle_torch_function(torchscript, (), args, kwargs, weights, path, module.training)


def _outermost(tree: ModuleTree) -> Iterator[tuple[str, nn.Module]]:
    """Yield compiled modules that are in no other, each under its first path."""
    known: list[str] = []
    for module, paths in tree.modules.values():
        path = paths[0]
        if isinstance(module, torch.jit.ScriptModule) and not any(
            not outer or path.startswith(f"{outer}.") for outer in known
        ):
            known.append(path)
            yield path, module
