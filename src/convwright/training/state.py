"""Model, optimizer and average as named tensors, and back: what a checkpoint holds of them."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ..errors import ConvwrightError


def tensors_of(model: nn.Module, optimizer: Optimizer, average: nn.Module | None) -> dict[str, Tensor]:
    """All tensors, named for whose they are: `model.stem.weight`, `average.stem.weight`, `optimizer.0.exp_avg`."""
    found = {f"model.{name}": value for name, value in model.state_dict().items()}
    if average is not None:
        found |= {f"average.{name}": value for name, value in average.state_dict().items()}
    for number, state in optimizer.state_dict()["state"].items():
        found |= {f"optimizer.{number}.{name}": value for name, value in state.items() if isinstance(value, Tensor)}
    return found


def plain_state_of(optimizer: Optimizer) -> dict[str, dict[str, Any]]:
    """Return the state of the optimizer that is no tensor, by parameter."""
    states = optimizer.state_dict()["state"].items()
    return {str(number): {k: v for k, v in state.items() if not isinstance(v, Tensor)} for number, state in states}


def load_tensors(
    tensors: Mapping[str, Tensor],
    plain: Mapping[str, Mapping[str, Any]],
    model: nn.Module,
    optimizer: Optimizer,
    average: nn.Module | None,
) -> None:
    """Put back what `tensors_of` and `plain_state_of` took, into the memory formats that the parameters have.

    Raises
    ------
    ConvwrightError
        If the model is not the one the tensors are from; nothing has been changed then.
    """
    parts = [("model.", model)] + ([("average.", average)] if average is not None else [])
    for prefix, module in parts:
        _compare(_under(tensors, prefix), module.state_dict())
    for prefix, module in parts:
        module.load_state_dict(_under(tensors, prefix))
    parameters = [weight for group in optimizer.param_groups for weight in group["params"]]
    states: dict[int, dict[str, Any]] = {int(number): dict(state) for number, state in plain.items()}
    for name, value in _under(tensors, "optimizer.").items():
        number, _, key = name.partition(".")
        weight = parameters[int(number)]
        alike = torch.empty_like(weight, dtype=value.dtype) if value.shape == weight.shape else torch.empty_like(value)
        states.setdefault(int(number), {})[key] = alike.copy_(value)
    optimizer.load_state_dict({**optimizer.state_dict(), "state": states})


def bytes_of(value: Tensor) -> memoryview:
    """All bytes of a tensor on the CPU, in the order of its axes whatever its memory format."""
    return value.detach().reshape(-1).view(torch.uint8).numpy().data


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _compare(saved: Mapping[str, Tensor], present: Mapping[str, Tensor]) -> None:
    wrong = [name for name in present if name not in saved or saved[name].shape != present[name].shape]
    wrong += [name for name in saved if name not in present]
    if wrong:
        some = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        raise ConvwrightError("the checkpoint is of another model", got=f"differences in {some}", hint="build the same")
