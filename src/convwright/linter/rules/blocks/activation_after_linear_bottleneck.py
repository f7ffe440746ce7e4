"""CW507."""

from collections.abc import Iterator

from ....graph import Op
from ...blocks import conv_of
from ...common_fixes import without
from ...finding import Finding, Safety, Severity
from ...linted_network import LintedNetwork
from ...patterns import NORMS, in_channels, is_dense_conv, is_depthwise, is_pointwise, is_rectifier, out_channels
from ...rule import Example, OpRule


class ActivationAfterLinearBottleneck(OpRule):
    """An inverted bottleneck ends in an activation after its projection to few channels.

    Why: the block computes in many channels and hands few on. A rectifier on those few sets half of their values to
    zero, which nothing else carries; the wide maps inside the block have the redundancy for it.

    Source: Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks", section 3.2 (linear
    bottlenecks) and section 6.2 with figure 6a (its ablation).

    Fix: takes the activation away.
    """

    code, severity, kinds = "CW507", Severity.WARNING, ("conv2d",)
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU6(),
            nn.Conv2d(16, 96, 1, bias=False), nn.BatchNorm2d(96), nn.ReLU6(),
            nn.Conv2d(96, 96, 3, padding=1, groups=96, bias=False), nn.BatchNorm2d(96), nn.ReLU6(),
            nn.Conv2d(96, 24, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU6(),
        )
        """
    )
    good = bad.with_changes({"nn.BatchNorm2d(24), nn.ReLU6()": "nn.BatchNorm2d(24)"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A projection to at most half its channels: of a depthwise convolution, of at least twice what came in."""
        if not is_pointwise(op) or not is_dense_conv(op) or 2 * out_channels(op) > in_channels(op):
            return
        depthwise = conv_of(op.input, net)
        expand = conv_of(depthwise.input, net) if depthwise is not None and is_depthwise(depthwise) else None
        if expand is None or not is_pointwise(expand) or out_channels(expand) < 2 * in_channels(expand):
            return
        norm = net.reader(op)
        activation = net.reader(norm) if norm is not None and norm.kind in NORMS else norm
        if activation is None or not is_rectifier(activation):
            return
        yield self.finding(
            activation,
            f"rectifies the {out_channels(op)} channels that `{op.path}` projects {in_channels(op)} to, "
            f"which the block hands on",
            fix=without(activation, net, Safety.CHANGES_TRAINING),
        )


RULE = ActivationAfterLinearBottleneck
