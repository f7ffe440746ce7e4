"""Heads that read every position of the last map: a linear layer after a flatten, or a convolution as large."""

from dataclasses import dataclass
from math import prod

from ..graph import Op
from .edits import Edit, Replace, RewriteCall, SetArguments
from .finding import Fix, Gain, suggestion, training_fix
from .linted_network import LintedNetwork
from .patterns import ACTIVATIONS, LINEAR, NORMS, SILENT, is_dense_conv, is_map, spatial

_FLATTENS = ("flatten", "view", "reshape")


@dataclass(frozen=True, kw_only=True)
class FlattenedHead:
    """The head of a classifier that does not pool globally.

    Attributes
    ----------
    flatten : Op or None
        What turns the map into features; None when a convolution reads the map.
    first : Op
        The linear op, or the convolution, that reads every position.
    channels : int
        Of the map.
    size : tuple of int
        Height and width of the map.
    parameters : int
        Of the linear layers from there on.
    is_direct : bool
        Whether nothing stands between the flatten and the linear op.
    """

    flatten: Op | None
    first: Op
    channels: int
    size: tuple[int, ...]
    parameters: int
    is_direct: bool


def flattened_head(net: LintedNetwork) -> FlattenedHead | None:
    """The head that reads every position of the last map; None when the network has no such head."""
    if not net.classifies or not net.ops_of("conv2d"):
        return None
    first = next((op for op in net.ops_of("linear", "conv2d") if _reads_all(op, net)), None)
    if first is None:
        return None
    after = [op for op in net.graph.ops[first.index :] if net.precedes(first, op)]
    if not all(op.outputs and op.output.ndim > 1 and prod(spatial(op.output)) == 1 for op in after):
        return None
    per_op = net.analysis.parameters.per_op
    later = (op for op in net.ops_of(*LINEAR) if op is first or net.precedes(first, op))
    flatten, is_direct = _flatten_before(first, net) if first.kind == "linear" else (None, True)
    source = flatten.input if flatten is not None else first.input
    return FlattenedHead(
        flatten=flatten,
        first=first,
        channels=source.shape[1],
        size=spatial(source),
        parameters=sum(per_op[op.index] for op in later),
        is_direct=is_direct,
    )


def _reads_all(op: Op, net: LintedNetwork) -> bool:
    if op.kind == "linear":
        return _flatten_before(op, net)[0] is not None
    size = spatial(op.input)
    covers = op.args["kernel_size"] == size and max(size, default=1) > 1 and prod(spatial(op.output)) == 1
    return covers and is_dense_conv(op) and op.input.role == "result"


def _flatten_before(linear: Op, net: LintedNetwork) -> tuple[Op | None, bool]:
    """The op that flattens the map that `linear` reads, and whether only what is silent stands between them."""
    op, is_direct = net.graph.producer(linear.input), True
    while op is not None and op.kind not in _FLATTENS and op.output.ndim == 2 and op.kind in _BETWEEN:
        is_direct = is_direct and op.kind in SILENT
        op = net.graph.producer(op.input)
    if op is None or op.kind not in _FLATTENS or op.input.role != "result" or not is_map(op.input):
        return None, False
    is_flat = op.output.shape == (op.input.shape[0], prod(op.input.shape[1:])) and linear.input.ndim == 2
    return (op if is_flat and prod(spatial(op.input)) > 1 else None), is_direct


_BETWEEN = frozenset((*SILENT, *ACTIVATIONS, *NORMS))


def saved_by_pooling(head: FlattenedHead) -> Gain:
    """Return what pooling globally before the head saves: all positions but one of the first layer's weights."""
    outputs = head.first.output.shape[1]
    fewer = head.channels * outputs * (prod(head.size) - 1)
    return Gain(parameters=fewer, macs=fewer)


def pool_globally(head: FlattenedHead, net: LintedNetwork) -> Fix:
    """The fix: one value for each channel before the head."""
    summary = f"pool the {head.channels} channels globally before the linear layers"
    if head.flatten is None or not head.is_direct or net.layer(head.first) is None:
        return suggestion(summary)
    narrower = SetArguments(path=head.first.path, values={"in_features": head.channels})
    return training_fix(summary, _pooling(head.flatten, net), narrower)


def _pooling(flatten: Op, net: LintedNetwork) -> Edit:
    pool = net.producer(flatten.input)
    wanted = flatten.args.get("size") or flatten.args.get("shape") or (0,)
    follows_size = flatten.kind == "flatten" or wanted[-1] == -1
    if pool is not None and pool.kind == "adaptive_avg_pool2d" and net.layer(pool) is not None and follows_size:
        return SetArguments(path=pool.path, values={"output_size": 1})
    if net.layer(flatten) is not None:
        return Replace(path=flatten.path, code="nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())")
    return RewriteCall(op=flatten, code="{input}.mean((2, 3))")
