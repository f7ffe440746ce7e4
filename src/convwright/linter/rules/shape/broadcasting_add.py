"""CW105."""

from collections.abc import Iterator

from ....graph import Op, Tensor
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import CONVS, is_map
from ...rule import Example, OpRule

_WINDOWED = (*CONVS, "max_pool2d", "avg_pool2d")


class BroadcastingAdd(OpRule):
    """A sum of two maps repeats one of them, because its channels or its positions have shrunk to one.

    Why: a sum of unlike shapes usually stops, but an axis of size 1 is spread in silence: a shortcut with one channel
    is added to all channels alike, a branch that was strided down to 1x1 to all positions alike. Maps that were pooled
    globally on purpose, gates and parameters are left alone. Some sums are spread on purpose: hence a warning.

    Source: documentation of torch, "Broadcasting semantics"; He et al. 2016, "Deep Residual Learning", section 3.2:
    shortcut and branch have equal dimensions, else the shortcut is projected.
    """

    code, severity, kinds = "CW105", Severity.WARNING, ("add",)
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(1, 16, 3, padding=1, bias=False)
                self.norm = nn.BatchNorm2d(16)

            def forward(self, x):
                return torch.relu(x + self.norm(self.conv(x)))
        """,
        inputs=(2, 1, 32, 32),
    )
    good = bad.with_changes(
        {
            "self.norm = nn.BatchNorm2d(16)": "self.norm = nn.BatchNorm2d(16)\nself.shortcut = nn.Conv2d(1, 16, 1)",
            "x + self.norm": "self.shortcut(x) + self.norm",
        }
    )

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """Two maps of the image, one of which was not meant to be spread."""
        if len(op.inputs) != 2 or not all(is_map(tensor) for tensor in op.inputs):
            return
        small, large = sorted(op.inputs, key=lambda tensor: tensor.numel)
        if small.shape[1:] == large.shape[1:] or large.shape != op.output.shape:
            return
        if net.analysis.fields.of(small) is None or not (_is_shortcut(small, large, net) or _has_shrunk(small, net)):
            return
        yield self.finding(
            op,
            f"adds {small.shape} to {large.shape}, which repeats the smaller one",
            fix=suggestion("give both the same shape: a 1x1 projection on the shortcut, the same strides in both"),
        )


def _is_shortcut(small: Tensor, large: Tensor, net: LintedNetwork) -> bool:
    """Return True if the larger map was computed from the smaller one, which has a single channel."""
    if small.shape[2:] != large.shape[2:]:
        return False
    above, below = net.graph.producer(large), net.graph.producer(small)
    if above is None:
        return False
    if below is not None:
        return net.precedes(below, above)
    return small in above.inputs or any(net.precedes(reader, above) for reader in net.graph.consumers(small))


def _has_shrunk(small: Tensor, net: LintedNetwork) -> bool:
    """Return True if a window smaller than its map left one position, rather than a pool of the whole map."""
    if small.shape[2:] != (1, 1):
        return False
    op = net.producer(small)
    while op is not None and is_map(op.input) and op.input.shape[2:] == (1, 1):
        op = net.producer(op.input)
    if op is None or op.kind not in _WINDOWED or not is_map(op.input):
        return False
    if isinstance(op.args["padding"], str):
        return True
    rows = zip(op.input.shape[2:], op.args["kernel_size"], op.args["padding"], strict=True)
    return any(length > k or p > 0 for length, k, p in rows)


RULE = BroadcastingAdd
