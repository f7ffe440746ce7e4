"""CW206."""

from collections.abc import Iterator
from math import gcd

from ....graph import Op
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import ACTIVATIONS, CONVS, NORMS, is_pointwise
from ...rule import Example, OpRule


class DilationGridding(OpRule):
    """Dilated convolutions in a row have rates with a common factor.

    Why: with rates 2, 2, 2 an output is computed from every second row and column only, and its neighbour from the
    others: the map falls apart into grids that know nothing of each other. Rates such as 1, 2, 3 leave no holes.

    Source: Wang et al. 2018, "Understanding Convolution for Semantic Segmentation", section 3.2 (hybrid dilated
    convolution).
    """

    code, severity, kinds = "CW206", Severity.ADVICE, ("conv2d",)
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=2, dilation=2, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=2, dilation=2, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
        )
        """
    )
    good = bad.with_changes({"nn.Conv2d(3, 16, 3, padding=2, dilation=2": "nn.Conv2d(3, 16, 3, padding=1"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """The last of a run of windows whose rates have a common factor."""
        if not _is_dilated(op) or _goes_on(op, net):
            return
        rates = [_rate(op)]
        before = _before(op, net)
        while before is not None and gcd(*rates, _rate(before)) > 1:
            rates.insert(0, _rate(before))
            before = _before(before, net)
        if len(rates) < 2:
            return
        step = gcd(*rates)
        every = {2: "2nd", 3: "3rd"}.get(step, f"{step}th")
        yield self.finding(
            op,
            f"ends a run of dilations {', '.join(map(str, rates))}, which read only every {every} position",
            fix=suggestion("use rates without a common factor, such as 1, 2, 3"),
        )


def _rate(op: Op) -> int:
    return gcd(*op.args["dilation"])


def _is_dilated(op: Op) -> bool:
    return min(op.args["kernel_size"]) > 1 and _rate(op) > 1 and max(op.args["stride"]) == 1


def _before(op: Op, net: LintedNetwork) -> Op | None:
    """The dilated convolution whose map this one reads, through norms, activations and 1x1 convolutions."""
    source = net.producer(op.input)
    while source is not None and (source.kind in (*NORMS, *ACTIVATIONS) or is_pointwise(source)):
        source = net.producer(source.input)
    return source if source is not None and source.kind in CONVS and _is_dilated(source) else None


def _goes_on(op: Op, net: LintedNetwork) -> bool:
    """Return True if a dilated convolution with a common factor reads this one's map."""
    reader = net.reader(op)
    while reader is not None and (reader.kind in (*NORMS, *ACTIVATIONS) or is_pointwise(reader)):
        reader = net.reader(reader)
    return reader is not None and reader.kind in CONVS and _is_dilated(reader) and gcd(_rate(op), _rate(reader)) > 1


RULE = DilationGridding
