"""A trace of a network with inputs that it may not take, and the call at which it stopped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from torch import nn

from ...errors import ConvwrightError
from ...graph import Graph, Op, Tensor, trace
from ...graph.failure import CallError, DataDependentError, ForwardError
from .network_input import NetworkInput, as_inputs

VIEWS = ("view", "reshape")


@dataclass(frozen=True, kw_only=True, eq=False)
class StoppedTrace:
    """The place where a network stopped.

    Attributes
    ----------
    error : ConvwrightError
        Its error.
    path : str
        The module that was running.
    kind, args
        The call that failed; "" and none for an exception of the network's own code.
    ops : sequence of Op
        Ops recorded before it.
    is_doubtful : bool
        True for a network that ran, but moved parts of an image into the batch, took the batch for channels, or called
        only some parts of a list.
    """

    error: ConvwrightError
    path: str = ""
    kind: str = ""
    args: Mapping[str, Any]
    ops: Sequence[Op] = ()
    is_doubtful: bool = False

    @property
    def sign(self) -> tuple[str, str]:
        """The call and what it expects: equal for two traces that stop for the same reason."""
        return self.error.problem, self.error.expected

    @property
    def is_about_inputs(self) -> bool:
        """Return False for what no other input changes, such as a branch that depends on numbers."""
        is_about_code = isinstance(self.error, ForwardError) and self.error.is_about_code
        return (isinstance(self.error, CallError | ForwardError) and not is_about_code) or self.is_doubtful

    def origins(self, tensor: Tensor) -> dict[str, bool]:
        """Return the inputs that a tensor comes from, by name; True for one that met no layer with weights yet."""
        found: dict[str, bool] = {}
        pending, seen = [(tensor, True)], set()
        while pending:
            current, is_direct = pending.pop()
            if (current.id, is_direct) in seen:
                continue
            seen.add((current.id, is_direct))
            if current.role == "input":
                found[current.name] = found.get(current.name, False) or is_direct
            elif current.producer is not None and current.producer < len(self.ops):
                op = self.ops[current.producer]
                weighted = any(each.role == "parameter" and each.ndim > 1 for each in op.inputs)
                pending += [(each, is_direct and not weighted) for each in op.inputs]
        return found


def stopped_trace(module: nn.Module, specs: Sequence[NetworkInput]) -> StoppedTrace | None:
    """Trace a network; None if it runs, and keeps images apart."""
    try:
        graph = trace(module, as_inputs(module, specs), values=False)
    except CallError as error:
        call = error.call
        if call is None:
            return StoppedTrace(error=error, args={})
        stopped = StoppedTrace(error=error, path=call.path, kind=call.kind, args=call.args, ops=call.ops)
        return _doubtful(_unbatched(call.ops), call.ops) or stopped
    except ForwardError as error:
        stopped = StoppedTrace(error=error, path=error.path, args={}, ops=error.ops)
        return _doubtful(_unbatched(error.ops), error.ops) or stopped
    except DataDependentError as error:
        return StoppedTrace(error=error, args={}, ops=error.ops)
    except ConvwrightError as error:
        return StoppedTrace(error=error, args={})
    doubt = _doubtful((*_mixing(graph, specs), *_unbatched(graph.ops)), graph.ops)
    return doubt or (_uncalled(graph) if any(spec.is_item for spec in specs) else None)


def _doubtful(doubts: Iterable[tuple[Op, str, str]], ops: Sequence[Op]) -> StoppedTrace | None:
    """Return the first call of those that a network should not make, as the place where it stopped."""
    for op, problem, expected in doubts:
        return StoppedTrace(
            error=ConvwrightError(f"`{op.path}` ({op.kind} at {op.place}) {problem}", expected=expected),
            path=op.path,
            kind=op.kind,
            args=op.args,
            ops=ops[: op.index],
            is_doubtful=True,
        )
    return None


def known_size(args: Mapping[str, Any]) -> int:
    """Return the product of the sizes that a view or reshape names.

    >>> known_size({"size": (-1, 28, 28)})
    784
    """
    return prod(size for size in view_sizes(args) if size != -1)


def view_sizes(args: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the sizes that a view or reshape is told; () where they are no plain numbers."""
    sizes = args.get("size") or args.get("shape") or ()
    return tuple(sizes) if all(type(size) is int for size in sizes) else ()


def _mixing(graph: Graph, specs: Sequence[NetworkInput]) -> Iterator[tuple[Op, str, str]]:
    """Yield each `view(-1, ...)` that changes the batch of 1, in a network whose outputs are of another batch."""
    if specs[0].shape[0] != 1 or not graph.outputs:
        return
    if any(not each.shape or each.shape[0] == 1 for each in graph.outputs.values()):
        return
    for op in reversed(graph.ops):
        sizes = view_sizes(op.args) if op.kind in VIEWS else ()
        if sizes[:1] == (-1,) and op.input.shape[:1] == (1,) and op.output.shape[0] != 1:
            yield op, "moves parts of an image into the batch", f"{known_size(op.args)} values for each image"


def _uncalled(graph: Graph) -> StoppedTrace | None:
    """Return a doubt where only some parts of a list are called: more items may be meant."""
    for path, row in graph.modules.items():
        parts = [each.num_calls > 0 for each in graph.modules.values() if each.path.rpartition(".")[0] == path]
        if issubclass(row.module_class, nn.ModuleList) and any(parts) and not all(parts):
            error = ConvwrightError(f"`{path}` has parts that are not called", expected=f"{len(parts)} calls")
            return StoppedTrace(error=error, args={}, ops=graph.ops, is_doubtful=True)
    return None


def _unbatched(ops: Sequence[Op]) -> Iterator[tuple[Op, str, str]]:
    """Yield each convolution that takes an input as one image, its batch as the channels."""
    for op in ops:
        if op.kind.startswith("conv") and op.input.role == "input" and op.input.ndim == int(op.kind[-2]) + 1:
            yield op, "takes the batch for channels", "a batch of images"
