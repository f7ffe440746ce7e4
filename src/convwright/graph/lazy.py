"""Lazy layers: a copy of a model whose parameters have the shapes that one batch gives them."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

import torch
from torch import nn

from convwright.child_process.limits import free_memory
from convwright.errors import ConvwrightError

from .inputs import Inputs, stand_ins
from .meta import META
from .module_tree import ModuleTree, random_state
from .value_recorder import example_numbers
from .values import CPU


def is_lazy(tree: ModuleTree) -> bool:
    """Return True if a parameter or buffer has no shape yet."""
    return any(nn.parameter.is_lazy(tensor) for tensor, _, _ in tree.weights.values())


def initialized(model: nn.Module, inputs: Inputs, *, values: bool) -> nn.Module:
    """Return a copy of a model with lazy layers, initialized as its first batch would; the model stays as it is.

    The copy is on the meta device, unless its forward needs numbers: then it ran on the CPU.

    Raises
    ------
    ConvwrightError
        When its forward fails, or needs numbers and may not have them.

    Examples
    --------
    >>> net = nn.Sequential(nn.LazyLinear(3))
    >>> initialized(net, (2, 5), values=False)[0].weight.shape, net[0]
    (torch.Size([3, 5]), LazyLinear(in_features=0, out_features=3, bias=True))
    """
    reasons = []
    weights = [*model.parameters(), *model.buffers()]
    ready = [each for each in weights if not nn.parameter.is_lazy(each)]
    fits = sum(each.nbytes for each in ready) < free_memory() // 2
    can_compute = values and fits and not any(each.is_meta for each in ready)
    for run in (_on_meta, _on_cpu)[: 1 + can_compute]:
        try:
            with random_state(), torch.no_grad():
                return run(model, inputs, weights)
        except Exception as error:
            reasons.append(str(error).partition("\n")[0])
    raise ConvwrightError(
        f"lazy layers cannot be initialized: {reasons[-1]}", hint="run one batch first, or give other inputs"
    )


def _on_meta(model: nn.Module, inputs: Inputs, weights: Iterable[torch.Tensor]) -> nn.Module:
    memo: dict[int, Any] = {id(each): _without_numbers(each) for each in weights}
    with torch.device(META):
        return _run(deepcopy(model, memo), inputs, None)


def _on_cpu(model: nn.Module, inputs: Inputs, weights: Iterable[torch.Tensor]) -> nn.Module:
    memo = {id(each): _unset(each, CPU) for each in weights if nn.parameter.is_lazy(each)}
    return _run(deepcopy(model, memo), inputs, example_numbers(torch.Generator().manual_seed(0)))


def _unset(weight: Any, device: torch.device) -> Any:
    """Return a copy of a parameter or buffer without a shape."""
    return type(weight)(requires_grad=weight.requires_grad, device=device, dtype=weight.dtype)


def _run(copy: nn.Module, inputs: Inputs, numbers: Callable[[torch.Tensor], torch.Tensor] | None) -> nn.Module:
    args, kwargs = stand_ins(copy, inputs, numbers) if numbers else stand_ins(copy, inputs)
    copy(*args, **kwargs)
    return copy


def _without_numbers(weight: torch.Tensor) -> torch.Tensor:
    if nn.parameter.is_lazy(weight):
        return _unset(weight, META)  # type: ignore[no-any-return]
    empty = torch.empty_like(weight, device=META)
    return nn.Parameter(empty, requires_grad=weight.requires_grad) if isinstance(weight, nn.Parameter) else empty
