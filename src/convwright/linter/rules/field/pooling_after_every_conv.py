"""CW207."""

from collections.abc import Iterator

from ....graph import Op
from ....units import size
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import ACTIVATIONS, CONVS, NORMS
from ...rule import Example, Rule

_POOLS = ("max_pool2d", "avg_pool2d")


class PoolingAfterEveryConv(Rule):
    """Every convolution with a window is followed by a pool.

    Why: each pool gives three quarters of the positions away, so depth is bounded by the size of the image. Two or
    three convolutions between pools see more, with another activation each, before anything is given away.

    Source: Nikanjam et al. 2021, "Automatic Fault Detection for Deep Learning Programs Using Graph Transformations"
    (NeuraLint); Simonyan & Zisserman 2015, "Very deep convolutional networks", section 2.3.

    Off: small networks for small images do well so.
    """

    code, severity, is_default = "CW207", Severity.ADVICE, False
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        """
    )
    good = bad.with_changes({"nn.MaxPool2d(2),\nnn.Conv2d(16, 32": "nn.Conv2d(16, 32"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Two convolutions or more, and a pool after each."""
        windows = [op for op in net.ops_of(*CONVS) if max(op.args["kernel_size"]) > 1]
        if len(windows) < 2 or not all(_is_pooled(op, net) for op in windows):
            return
        yield self.finding(
            windows[0],
            f"is pooled, as all {len(windows)} convolutions are: {size(net.image_px)} px become "
            f"{size(windows[-1].output.shape[2:])} at the last of them",
            fix=suggestion("put two or three convolutions between pools"),
        )


def _is_pooled(op: Op, net: LintedNetwork) -> bool:
    reader = net.reader(op, through=(*NORMS, *ACTIVATIONS))
    return reader is not None and reader.kind in _POOLS


RULE = PoolingAfterEveryConv
