"""Causes why a network does not run, each for the rule that reports it."""

from typing import Literal

from torch import nn

from ..errors import ConvwrightError
from ..geometry import output_size
from ..graph.failure import CallError
from ..graph.mismatch import FailedCall
from .linted_network import LintedNetwork
from .patterns import CONVS

Cause = Literal["features", "window", "other"]
_WINDOWED = (*CONVS, *(f"{how}_pool{axes}d" for how in ("max", "avg") for axes in (1, 2, 3)))


def cause_of(failure: CallError) -> Cause:
    """Return the kind of mistake: a linear layer's features, a window larger than its map, or anything else."""
    call = failure.call
    if call is None or not failure.expected:
        return "other"
    if call.kind == "linear" and call.args["input"].shape[-1] != call.args["weight"].shape[1]:
        return "features"
    return "window" if call.kind in _WINDOWED and _is_too_large(call) else "other"


def _is_too_large(call: FailedCall) -> bool:
    args = call.args
    kernel = args["kernel_size"]
    if isinstance(args["padding"], str) or args["input"].ndim not in (len(kernel) + 1, len(kernel) + 2):
        return False
    if call.kind in CONVS and args["input"].shape[-len(kernel) - 1] != args["weight"].shape[1] * args["groups"]:
        return False
    if call.kind not in CONVS and any(2 * p > k for p, k in zip(args["padding"], kernel, strict=True)):
        return False
    dilation = args.get("dilation") or (1,) * len(kernel)
    sizes = args["input"].shape[-len(kernel) :]
    try:
        for size, k, s, p, d in zip(sizes, kernel, args["stride"], args["padding"], dilation, strict=True):
            output_size(size, k, s, p, d, ceil_mode=bool(args.get("ceil_mode")))
    except ConvwrightError:
        return True
    return False


def failed_layer(net: LintedNetwork, call: FailedCall | None) -> nn.Module | None:
    """The plain torch.nn layer whose own call failed; None when another module's code called torch."""
    if call is None or not call.path:
        return None
    module = net.model.get_submodule(call.path)
    is_plain = type(module).__module__.startswith("torch.nn.modules") and not module._modules
    weight = call.args.get("weight")
    owns = weight is None or weight.name.rpartition(".")[0] == call.path
    return module if is_plain and owns else None


def compared(failure: CallError) -> str:
    """Return what was expected and what came, as the end of a sentence."""
    if failure.expected:
        return f"takes {failure.expected}, but gets {failure.got}"
    return (failure.problem.partition(" fails: ")[2] or failure.problem).rstrip(".")
