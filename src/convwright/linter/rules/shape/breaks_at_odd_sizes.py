"""CW106."""

from collections.abc import Iterator
from math import prod

from ....graph import Op, Tensor
from ....graph.failure import CallError
from ....units import size
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import TRANSPOSED, is_map, window
from ...rule import Example, Rule

_WINDOWED = ("conv2d", "max_pool2d", "avg_pool2d")
_RESIZING = frozenset(("interpolate", "upsample", "pixel_shuffle", "pixel_unshuffle", "max_unpool2d", "pad", "getitem"))
_RESIZING |= {*TRANSPOSED, "adaptive_avg_pool2d", "adaptive_max_pool2d"}


class BreaksAtOddSizes(Rule):
    """A network joins maps whose sizes agree only at the image sizes it was tried with.

    Why: one branch rounds an odd size down and another rounds it up, or halving and doubling loses the odd pixel, and
    then `add` and `cat` stop. The next data set, or a crop of another size, finds out.

    Source: Window arithmetic; Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", chapter 2
    (the rounding down in floor((i + 2p - k) / s) + 1). The finding itself comes from tracing the network once more.
    """

    code, severity = "CW106", Severity.WARNING
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False)
                self.norm = nn.BatchNorm2d(16)
                self.last = nn.Conv2d(19, 8, 3, padding=1)

            def forward(self, x):
                low = torch.relu(self.norm(self.conv(x)))
                high = F.interpolate(low, scale_factor=2)
                return self.last(torch.cat([x, high], dim=1))
        """
    )
    good = bad.with_changes({"scale_factor=2": "size=x.shape[2:]"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """One more trace, where roundings may differ; only a join of two maps of the image that fails counts."""
        if len(net.graph.inputs) != 1 or not is_map(net.graph.inputs[0]):
            return
        if not _may_break(net) or _has_one_size(net):
            return
        *front, height, width = net.graph.inputs[0].shape
        odd = (height + 1 + height % 2, width + 1 + width % 2)
        failure = net.traced_at((*front, *odd))
        if not isinstance(failure, CallError) or failure.call is None or failure.call.kind not in ("add", "cat"):
            return
        call = failure.call
        index = len(call.ops)
        op = net.graph.ops[index] if index < len(net.graph.ops) else None
        sizes = _unlike(call.args, call.ops)
        if op is None or op.kind != call.kind or op.path != call.path or sizes is None:
            return
        yield self.finding(
            op,
            f"cannot join maps of {size(sizes[0])} and {size(sizes[1])} when the image has {size(odd)} px",
            fix=suggestion("round alike in both branches (padding, ceil_mode), or resize one map to the other's size"),
        )


def _may_break(net: LintedNetwork) -> bool:
    """Return True if maps are joined that came to their sizes in different ways."""
    ways: dict[tuple[int, object], int] = {}  # a number for each series of changes of size
    came: dict[Tensor, int] = {}
    for op in net.graph:
        maps = [tensor for tensor in op.inputs if is_map(tensor) and tensor.role in ("input", "result")]
        if not maps:
            came.update(dict.fromkeys(op.outputs, -op.index - 1))
            continue
        sized = [came.get(tensor, 0) for tensor in maps if prod(tensor.shape[2:]) > 1]  # one position fits all
        if op.kind in ("add", "cat") and len(set(sized)) > 1:
            return True
        before, change = sized[0] if sized else came.get(maps[0], 0), _change(op)
        number = before if change is None else ways.setdefault((before, change), len(ways) + 1)
        came.update(dict.fromkeys(op.outputs, number))
    return False


def _has_one_size(net: LintedNetwork) -> bool:
    """Return True for a network of one size: a linear layer over all positions, or weights for each of them."""
    for op in net.ops_of("flatten", "view", "reshape"):
        if is_map(op.input) and prod(op.input.shape[2:]) > 1 and op.output.shape[1:] == (prod(op.input.shape[1:]),):
            return True
    return any(
        sum(length > 1 for length in tensor.shape) > 1
        for op in net.ops_of("add", "scaled_dot_product_attention")
        for tensor in op.inputs
        if net.analysis.fields.of(tensor) is None
    )


def _change(op: Op) -> object:
    """Return what an op does to the size of a map: the same for all that round alike, None for those that keep it."""
    if op.kind in _WINDOWED and not isinstance(op.args["padding"], str):
        # A window makes floor((size + added) / stride) positions.
        rest = zip(window(op), op.args["stride"], op.args["padding"], strict=True)
        spare = int(bool(op.args.get("ceil_mode")))
        rows = tuple((s, 2 * p - k + s + spare * (s - 1)) for k, s, p in rest)
        return None if set(rows) == {(1, 0)} else rows
    return op.index if op.kind in _RESIZING else None


def _unlike(args: dict[str, object], ops: list[Op]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The sizes of two maps that were computed from the image and agree in all but their sizes; None for others."""
    given = args.get("tensors") or (args.get("input"), args.get("other"))
    maps = [value for value in given if isinstance(value, Tensor) and is_map(value)]  # type: ignore[attr-defined]
    if len(maps) < 2 or not all(_sees_image(tensor, ops) for tensor in maps):
        return None
    first = maps[0].shape[2:]
    other = next((tensor.shape[2:] for tensor in maps if tensor.shape[2:] != first), None)
    return (first, other) if other else None


def _sees_image(tensor: Tensor, ops: list[Op]) -> bool:
    while tensor.producer is not None:
        tensor = ops[tensor.producer].inputs[0]
    return tensor.role == "input"


RULE = BreaksAtOddSizes
