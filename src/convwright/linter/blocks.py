"""Parts of blocks that rules look for: branch and shortcut of a residual add, squeeze-excites, pre-activation."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..graph import Op, Tensor
from .linted_network import LintedNetwork
from .patterns import ACTIVATIONS, CONVS, NORMS, SILENT, is_global_pool, is_map, spatial

_PASSING = frozenset((*NORMS, *ACTIVATIONS, *SILENT))
_RESHAPING = frozenset(("view", "reshape", "flatten", "squeeze", "unsqueeze", "expand", "expand_as"))
_ARITHMETIC = frozenset(("add", "mul", "div", "clamp"))  # a hard sigmoid written out


def sides(add: Op, net: LintedNetwork) -> tuple[Tensor, Tensor]:
    """The branch and the shortcut of a residual add: more ops lead to the branch."""
    first, second = add.inputs
    return (first, second) if net.num_before(first) >= net.num_before(second) else (second, first)


def computed_by(tensor: Tensor, net: LintedNetwork) -> Op | None:
    """The op that computed a map, looking back through norms, activations and gates."""
    op = net.graph.producer(tensor)
    while op is not None and (op.kind in _PASSING or op.kind == "mul"):
        op = net.graph.producer(max(op.inputs, key=lambda read: read.numel))
    return op


def conv_of(tensor: Tensor, net: LintedNetwork) -> Op | None:
    """The convolution that computed a map, by way of norms, activations and gates at most; None for anything else."""
    op = computed_by(tensor, net)
    return op if op is not None and op.kind == "conv2d" else None


def is_preactivation(add: Op, net: LintedNetwork) -> bool:
    """Return True if the branch of a residual block begins with a norm: of what the shortcut hands on, or projects."""
    branch, shortcut = sides(add, net)
    projection = net.graph.producer(shortcut)
    at_fork = [shortcut]
    while projection is not None and projection.kind in (*CONVS, *SILENT, "avg_pool2d", "max_pool2d"):
        at_fork.append(projection.input)
        projection = net.graph.producer(projection.input)
    last = net.graph.producer(branch)
    if last is None:
        return False
    readers = [reader for fork in at_fork for reader in net.graph.consumers(fork)]
    return any(op.kind in NORMS and net.precedes(op, last) and _feeds_a_layer(op, net) for op in readers)


def _feeds_a_layer(norm: Op, net: LintedNetwork) -> bool:
    """Return True if a norm is the beginning of a branch, not all of it (RepVGG)."""
    readers = net.readers(norm)
    while len(readers) == 1 and (readers[0].kind in ACTIVATIONS or readers[0].kind in SILENT):
        readers = net.readers(readers[0])
    return bool(readers) and all(reader.kind != "add" for reader in readers)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A squeeze-excite.

    Attributes
    ----------
    scale : Op
        The product of the map and its gate.
    squeeze, excite : Op
        The linear ops, or convolutions, between pool and product.
    last : Op
        What makes the values of the gate.
    """

    scale: Op
    squeeze: Op
    excite: Op
    last: Op


def squeeze_excites(net: LintedNetwork) -> Iterator[Gate]:
    """The squeeze-excites: maps that are multiplied by a value for each channel, computed from their means.

    Source: Hu et al. 2018, "Squeeze-and-Excitation Networks", section 3.
    """
    for op in net.ops_of("mul"):
        gate = _gate_of(op)
        found = _walk(gate, net) if gate is not None else None
        if found is not None:
            squeeze, excite, last = found
            yield Gate(scale=op, squeeze=squeeze, excite=excite, last=last)


def _gate_of(op: Op) -> Tensor | None:
    results = [tensor for tensor in op.inputs if tensor.role == "result"]
    if len(results) != 2 or not is_map(op.output) or max(spatial(op.output)) == 1:
        return None
    gate = min(results, key=lambda tensor: tensor.numel)
    return gate if gate.ndim == 4 and gate.shape[1] == op.output.shape[1] else None


def _walk(gate: Tensor, net: LintedNetwork) -> tuple[Op, Op, Op] | None:
    """The squeeze, the excite and the last op of a gate, going back from it to the global pool."""
    linears: list[Op] = []
    last, op = None, net.graph.producer(gate)
    while op is not None and not is_global_pool(op):
        if last is None and op.kind not in _RESHAPING:
            last = op
        if op.kind in ("linear", "conv2d") and max(spatial(op.output), default=1) == 1:
            linears.append(op)
        elif op.kind not in _PASSING | _RESHAPING | _ARITHMETIC:
            return None
        op = net.graph.producer(op.input)
    if op is None or last is None or len(linears) != 2:
        return None
    return linears[1], linears[0], last
