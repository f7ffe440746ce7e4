"""Fix a live module: a new one with the weights of the old."""

import copy
import inspect
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import nn

from ..errors import ConvwrightError
from ..graph.inputs import Inputs
from .edits import Delete, Edit, Replace, RewriteCall, SetArguments, Swap
from .engine import lint
from .fixing import Repaired, repair
from .report import Folded, Report
from .settings import Settings


def fix(
    model: nn.Module, inputs: Inputs, *, settings: Settings | None = None, unsafe: bool = False
) -> Repaired[nn.Module]:
    """A copy of `model` without the findings that can be fixed; its weights are carried over.

    Parameters
    ----------
    model : nn.Module
        Is left as it is.
    inputs : shape, tensor, sequence of either, or mapping of argument name to either
        As for `lint`.
    settings : Settings, optional
        As for `lint`.
    unsafe : bool
        Allow fixes after which the network computes something else, so that it has to be trained (again).

    Raises
    ------
    ConvwrightError
        When the network cannot be traced.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    >>> repaired = fix(net, (1, 3, 32, 32))
    >>> [folded.first.code for folded in repaired.fixed], repaired.state[0].bias
    (['CW301'], None)
    """

    def judge(state: nn.Module) -> tuple[Report]:
        return (lint(state, inputs, settings=settings),)

    return repair(model, judge=judge, change=lambda state, _, folded: changed(state, folded), unsafe=unsafe)


def changed(model: nn.Module, folded: Folded) -> nn.Module:
    """A copy of `model` with the fixes of these findings.

    Raises
    ------
    ConvwrightError
        When an edit is of the source only, or a module cannot be built anew.
    """
    new = copy.deepcopy(model)
    fixes = [finding.fix for finding in folded.findings if finding.fix]
    edits: list[Edit] = []
    for each in fixes:
        edits += [edit for edit in each.edits if edit not in edits]
    for edit in edits:
        _apply(new, edit)
    with torch.no_grad():
        for each in fixes:
            if each.carry:
                each.carry(model, new)
    return new


def _apply(model: nn.Module, edit: Edit) -> None:
    match edit:
        case SetArguments(path=path, values=values):
            _put(model, path, rebuilt(model.get_submodule(path), values))
        case Replace(path=path, code=code):
            _put(model, path, _made(code, model.get_submodule(path)))
        case Swap(path=path, other=other):
            first, second = model.get_submodule(path), model.get_submodule(other)
            _put(model, path, second)
            _put(model, other, first)
        case Delete(path=path):
            holder, _, name = path.rpartition(".")
            delattr(model.get_submodule(holder), name)
        case RewriteCall(op=op):
            where = f"`{op.path}`" if op.path else "the model"
            raise ConvwrightError(f"{where} calls {op.kind} in its forward", hint="fix it in the source")


def _put(model: nn.Module, path: str, new: nn.Module) -> None:
    if not path:
        raise ConvwrightError("the model itself is the layer to be replaced", hint="put it into an nn.Sequential")
    old = model.get_submodule(path)
    for shared in [name for name, module in model.named_modules(remove_duplicate=False) if module is old]:
        holder, _, name = shared.rpartition(".")
        setattr(model.get_submodule(holder), name, new)


def rebuilt(module: nn.Module, values: Mapping[str, Any]) -> nn.Module:
    """A module of the same class with some constructor arguments changed; weights of the same shape are kept.

    >>> rebuilt(nn.Conv2d(3, 8, 3, padding=1), {"bias": False})
    Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)
    """
    arguments = {**_arguments(module), **values}
    tensors = module.state_dict()
    if any(tensor.is_meta for tensor in tensors.values()):
        with torch.device("meta"):
            new = type(module)(**arguments)
    else:
        new = type(module)(**arguments)
    floating = next((tensor for tensor in tensors.values() if tensor.is_floating_point()), None)
    if floating is not None:
        new = new.to(device=floating.device, dtype=floating.dtype)
    wanted = new.state_dict()
    kept = {k: v for k, v in tensors.items() if k in wanted and wanted[k].shape == v.shape}
    new.load_state_dict({**wanted, **kept}, assign=floating is not None and floating.is_meta)
    for name, parameter in new.named_parameters():
        old = dict(module.named_parameters()).get(name)
        parameter.requires_grad_(old is None or old.requires_grad)
    return new.train(module.training)


def _arguments(module: nn.Module) -> dict[str, Any]:
    """The constructor's arguments, read off the attributes of the same name."""
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(type(module)).parameters.items():
        if name in ("device", "dtype"):
            continue
        if hasattr(module, name):
            value = getattr(module, name)
            found[name] = value is not None if name == "bias" else value
        elif parameter.default is parameter.empty:
            problem = (
                f"a {type(module).__name__} cannot be built anew: its argument {name!r} is not kept as an attribute"
            )
            raise ConvwrightError(problem, hint="fix it in the source")
    return found


def _made(code: str, old: nn.Module) -> nn.Module:
    """The module that the code of an edit makes, with `{old}` and the arguments of the old one filled in."""
    values = partial(_value, arguments=_arguments(old) if re.search(r"{(?!old})", code) else {})
    expression = re.sub(r"{(\w+)}", values, code)
    # The code is a rule's, never a user's.
    made: nn.Module = eval(expression, {"nn": nn, "torch": torch, "old": old})  # noqa: S307
    return made.train(old.training)


def _value(found: re.Match[str], arguments: Mapping[str, Any]) -> str:
    return "old" if found[1] == "old" else repr(arguments[found[1]])
