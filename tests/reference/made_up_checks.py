"""What the analyzer says of a network against what is measured: shapes, MACs, fields, and memory kept for backward."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from convwright.analysis.analyze import analyze
from convwright.analysis.facts import Analysis
from convwright.graph.callees import Treatment, callee_of
from reference.field_probe import measured_fields


class _Calls(TorchFunctionMode):
    """Notes the shape and dtype of the first tensor that each op returns; counters of batches are no ops."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self._state = {id(buffer) for buffer in net.buffers()}
        self.made: list[tuple[str, tuple[int, ...], torch.dtype]] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        callee = callee_of(func)
        if callee.treatment is Treatment.ENTER:
            with self:
                return callee.function(*args, **(kwargs or {}))
        result = func(*args, **(kwargs or {}))
        first = result[0] if isinstance(result, tuple | list) and result else result
        if callee.kind.name == "setitem":
            first = args[0]
        if callee.treatment is Treatment.OP and isinstance(first, Tensor) and id(first) not in self._state:
            self.made.append((callee.kind.name, tuple(first.shape), first.dtype))
        return result


def faults(net: nn.Module, shape: tuple[int, ...], saved: Callable[..., int]) -> Iterator[str]:
    """Yield a line for everything that is said wrong; `saved` measures the bytes kept for backward."""
    net.train()
    found = analyze(net, shape)
    yield from wrong_shapes(net, shape, found)
    yield from wrong_macs(net, shape, found)
    yield from wrong_memory(net, shape, found, saved)
    yield from wrong_fields(net.eval(), shape)


def wrong_shapes(net: nn.Module, shape: tuple[int, ...], found: Analysis) -> Iterator[str]:
    with _Calls(net) as calls:
        net(torch.zeros(shape))
    said = [(op.kind, op.output.shape, op.output.dtype) for op in found.graph.ops]
    if said != calls.made:
        first = next((pair for pair in zip(said, calls.made, strict=False) if pair[0] != pair[1]), "another length")
        yield f"shapes: {first}"


def wrong_macs(net: nn.Module, shape: tuple[int, ...], found: Analysis) -> Iterator[str]:
    # Of fused attention and fused recurrent layers on the CPU torch's counter knows nothing.
    counter = FlopCounterMode(display=False)
    with torch.backends.mkldnn.flags(enabled=False), sdpa_kernel(SDPBackend.MATH), torch.no_grad(), counter:
        net(torch.zeros(shape))
    if found.macs.macs != counter.get_total_flops() / 2:
        yield f"MACs: {found.macs.macs} said, {counter.get_total_flops() / 2} counted"
    if found.macs.uncounted:
        yield f"uncounted: {sorted({row.kind for row in found.macs.uncounted})}"


def wrong_memory(net: nn.Module, shape: tuple[int, ...], found: Analysis, saved: Callable[..., int]) -> Iterator[str]:
    said, kept = found.memory.activation_bytes, saved(net, torch.zeros(shape))
    if said != kept and not found.memory.assumed:
        yield f"memory: {said} B said, {kept} B kept"


def wrong_fields(net: nn.Module, shape: tuple[int, ...]) -> Iterator[str]:
    found = analyze(net, shape)
    (result,) = found.graph.outputs.values()
    bounds = found.fields.clipped(result, full=True)
    # Channels are not kept apart, so the hull over them is compared; no map is left after a head.
    measured = measured_fields(net, shape)
    derived = [[np.broadcast_to(each, result.shape)[0].min(0) for each in pair] for pair in bounds]
    empty = np.logical_or.reduce([low > high for low, high in derived])
    for axis, ((first, last), (low, high)) in enumerate(zip(measured, derived, strict=True)):
        first, last = first.min(0), last.max(0)
        if (low > first)[first <= last].any() or (high < last)[first <= last].any():
            yield f"field of axis {axis} is too small"
        elif not found.fields.unknown and not (
            np.array_equal(first > last, empty)
            and np.array_equal(first[~empty], low[~empty])
            and np.array_equal(last[~empty], high[~empty])
        ):
            yield f"field of axis {axis} is too large, and not marked"
