"""CW203."""

from collections.abc import Iterator

from ....units import count, percent, size
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import CONVS
from ...rule import Example, Rule

LEAST_SHARE = 0.1  # of the MACs; below it there is little to win


class UnproductiveLayers(Rule):
    """Convolutions go on widening a receptive field that already covers the whole image.

    Why: behind that point a window adds no context, it only mixes what was seen; probes in trained networks found that
    such layers hardly improve the features. Depth is better spent before it, on wider layers, or on larger images.

    Source: Richter et al. 2021, "(Input) Size Matters for CNN Classifiers", section 4. Networks with shortcuts use
    their late layers better than plain ones, and good networks have such layers: this is advice, not a fault.
    """

    code, severity = "CW203", Severity.ADVICE
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(32, 10),
        )
        """,
        inputs=(2, 3, 12, 12),
    )
    good = bad.with_changes(
        {
            (
                "nn.Conv2d(32, 32, 3, padding=1, bias=False),\n"
                "nn.BatchNorm2d(32),\n"
                "nn.ReLU(),\n"
                "nn.Conv2d(32, 32, 3, padding=1, bias=False),\n"
                "nn.BatchNorm2d(32),\n"
                "nn.ReLU(),"
            ): ""
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """All of them as one finding at the first."""
        fields = net.analysis.fields
        if not net.classifies or fields.unknown:
            return
        found = [op for op in fields.unproductive if op.kind in CONVS]
        if not found:
            return
        costs, reads = net.analysis.macs.per_op, net.analysis.parameters.per_op
        macs = sum(cost.macs for op in found if (cost := costs[op.index]))
        parameters = sum(reads[op.index] for op in found)
        share = macs / max(net.analysis.macs.macs, 1)
        if share < LEAST_SHARE:
            return
        total = sum(max(op.args["kernel_size"]) > 1 for op in net.ops_of(*CONVS))
        others = (
            f", as do {len(found) - 1} later windows of {total}; together they cost" if len(found) > 1 else " and costs"
        )
        yield self.finding(
            found[0],
            f"already sees all {size(net.image_px)} px at its input{others} "
            f"{percent(share)} of the MACs and {count(parameters)} parameters",
            fix=suggestion("use larger images, or move depth or stride from here to earlier layers"),
        )


RULE = UnproductiveLayers
