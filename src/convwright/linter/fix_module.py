"""Fix a live module: a new one with the weights of the old."""

import copy
import inspect
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from ..errors import ConvwrightError
from ..graph.inputs import Inputs
from ..graph.modes import in_mode
from ..graph.module_tree import module_at, unwrap
from .edits import Delete, Edit, Replace, RewriteCall, SetArguments, Swap
from .engine import lint
from .fix_loop import FixAttempt, FixResult, apply_fixes, attempt
from .report import FindingGroup, Report
from .settings import Settings


def fix(
    model: nn.Module, inputs: Inputs, *, settings: Settings | None = None, unsafe: bool = False
) -> FixResult[nn.Module]:
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
    >>> result = fix(net, (1, 3, 32, 32))
    >>> [group.first.code for group in result.fixed], result.state[0].bias
    (['CW301'], None)
    """

    def judge(state: nn.Module) -> tuple[Report]:
        return (lint(state, inputs, settings=settings),)

    return apply_fixes(
        unwrap(model), judge=judge, change=lambda state, _, group: with_fixes(state, group), unsafe=unsafe
    )


def attempt_fix(report: Report, group: FindingGroup, inputs: Inputs) -> FixAttempt[nn.Module]:
    """One fix only, that of findings of a report; see `fix`."""

    def judge(state: nn.Module) -> tuple[Report]:
        return (lint(state, inputs, label=report.label),)

    return attempt(report.model, (report,), group, judge=judge, change=lambda state, _, one: with_fixes(state, one))


def with_fixes(model: nn.Module, group: FindingGroup) -> nn.Module:
    """A copy of `model` with the fixes of these findings.

    Raises
    ------
    ConvwrightError
        When an edit is of the source only, or a module cannot be built anew.
    """
    new = copy.deepcopy(model)
    fixes = [finding.fix for finding in group.findings if finding.fix]
    edits: list[Edit] = []
    for each in fixes:
        edits += [edit for edit in each.edits if edit not in edits]
    try:
        for edit in edits:
            _apply(new, edit)
        with torch.no_grad():
            for each in fixes:
                if each.carry:
                    each.carry(model, new)
    except AttributeError as error:  # a weight has another name behind a wrapper
        raise ConvwrightError(f"the model cannot be edited ({error})", hint="fix it before it is wrapped") from error
    return new


def _apply(model: nn.Module, edit: Edit) -> None:
    match edit:
        case SetArguments(path=path, values=values):
            _put(model, {path: rebuild(module_at(model, path), values)})
        case Replace(path=path, code=code):
            _put(model, {path: _made(code, module_at(model, path))})
        case Swap(path=path, other=other):
            _put(model, {path: module_at(model, other), other: module_at(model, path)})
        case Delete(path=path):
            holder, _, name = path.rpartition(".")
            delattr(module_at(model, holder), name)
        case RewriteCall(op=op):
            where = f"`{op.path}`" if op.path else "the model"
            raise ConvwrightError(f"{where} calls {op.kind} in its forward", hint="fix it in the source")


def _put(model: nn.Module, new: Mapping[str, nn.Module]) -> None:
    """Put other modules at paths, and wherever else the same modules are used."""
    if "" in new:
        raise ConvwrightError("the model itself is the layer to be replaced", hint="put it into an nn.Sequential")
    replaced = {module_at(model, path): module for path, module in new.items()}
    for holder in list(model.modules()):
        for name, module in holder._modules.items():
            if module in replaced:
                holder._modules[name] = replaced[module]


def rebuild(module: nn.Module, values: Mapping[str, Any]) -> nn.Module:
    """A module of the same class with some constructor arguments changed; weights of the same shape are kept.

    >>> rebuild(nn.Conv2d(3, 8, 3, padding=1), {"bias": False})
    Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)
    """
    hooked = module._forward_hooks or module._forward_pre_hooks or is_parametrized(module)
    if hooked:
        raise ConvwrightError(f"a {type(module).__name__} has hooks or parametrizations", hint="fix it in the source")
    arguments = {**_arguments(module), **values}
    new = _like(module, lambda: type(module)(**arguments))
    old, wanted = module.state_dict(keep_vars=True), new.state_dict(keep_vars=True)
    kept = {k: v for k, v in old.items() if k in wanted and wanted[k].shape == v.shape}
    learned = {name: tensor.requires_grad for name, tensor in kept.items()}
    # The very parameters, which other modules may share.
    new.load_state_dict({**wanted, **kept}, assign=True)
    for name, parameter in new.named_parameters():
        parameter.requires_grad_(learned.get(name, True))
    return new.train(module.training)


def _like(old: nn.Module, make: Callable[[], nn.Module]) -> nn.Module:
    """Return what `make` makes, with weights of the dtype and on the device that those of `old` have."""
    tensor = next((each for each in old.state_dict().values() if each.is_floating_point()), None)
    try:
        with torch.device("meta") if tensor is not None and tensor.is_meta else nullcontext():
            new = make()
    except Exception as error:
        raise ConvwrightError(
            f"a {type(old).__name__} cannot be built anew ({error})", hint="fix it in the source"
        ) from error
    return new if tensor is None else new.to(device=tensor.device, dtype=tensor.dtype)


def _arguments(module: nn.Module) -> dict[str, Any]:
    """The constructor's arguments, read off the attributes of the same name."""
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(type(module)).parameters.items():
        if name in ("device", "dtype"):
            continue
        if hasattr(module, name):
            value = getattr(module, name)
            found[name] = value is not None if name == "bias" and not isinstance(value, bool) else value
        elif parameter.default is parameter.empty or not type(module).__module__.startswith("torch."):
            problem = (
                f"a {type(module).__name__} cannot be built anew: its argument {name!r} is not kept as an attribute"
            )
            raise ConvwrightError(problem, hint="fix it in the source")
    return found


def _made(code: str, old: nn.Module) -> nn.Module:
    """The module that the code of an edit makes, with `{old}` and the arguments of the old one filled in."""
    arguments = _arguments(old) if re.search(r"{(?!old})", code) else {}
    expression = re.sub(r"{(\w+)}", lambda name: "old" if name[1] == "old" else repr(arguments[name[1]]), code)
    # The code is a rule's, never a user's.
    made = _like(old, lambda: eval(expression, {"nn": nn, "torch": torch, "old": old}))  # noqa: S307
    with in_mode(old, training=old.training):  # the old modules that the new one holds keep their modes
        made.train(old.training)
    return made
