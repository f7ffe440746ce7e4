"""CW508."""

from collections.abc import Iterator
from math import prod

from torch import nn

from ....graph import Op
from ....units import count
from ...edits import Replace
from ...finding import Finding, Gain, Severity, training_fix
from ...linted_network import LintedNetwork
from ...patterns import ACTIVATIONS, NORMS, is_depthwise, out_channels, spatial
from ...rule import Example, OpRule


class DepthwiseWithoutPointwise(OpRule):
    """A depthwise convolution feeds another one, with an activation but no 1x1 convolution between.

    Why: a depthwise convolution keeps every channel to itself. Without a 1x1 convolution in between the second one sees
    no other channel either, and the activation makes one channel of each a network of its own.

    Source: Howard et al. 2017, "MobileNets", section 3.1 (depthwise separable: a depthwise convolution filters, the
    1x1 convolution after it combines).

    Fix: adds the 1x1 convolution.
    """

    code, severity, kinds = "CW508", Severity.WARNING, ("conv2d",)
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 64, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        )
        """
    )
    good = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 64, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1, groups=64, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
            nn.Conv2d(64, 64, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        )
        """
    )

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A learned depthwise convolution read by another, by way of an activation and norms only."""
        if not _is_learned(op):
            return
        then, is_rectified = net.reader(op), False
        while then is not None and (then.kind in NORMS or then.kind in ACTIVATIONS):
            is_rectified = is_rectified or then.kind in ACTIVATIONS
            then = net.reader(then)
        if then is None or not is_rectified or not _is_learned(then):
            return
        channels, bias = out_channels(op), "" if op.has_bias else ", bias=False"
        macs = channels**2 * prod(spatial(op.output))
        yield self.finding(
            op,
            f"mixes no channels, nor does anything before the next depthwise convolution `{then.path}`: "
            f"a 1x1 convolution between costs {count(channels**2)} weights and {count(macs, 'MACs')}",
            gain=Gain(parameters=-(channels**2), macs=-macs),
            fix=training_fix(
                "add a 1x1 convolution after it",
                Replace(path=op.path, code=f"nn.Sequential({{old}}, nn.Conv2d({channels}, {channels}, 1{bias}))"),
                possible=type(net.layer(op)) is nn.Conv2d,
            ),
        )


def _is_learned(op: Op) -> bool:
    """Return True if it is a depthwise convolution with weights of its own: a blur has fixed ones."""
    return is_depthwise(op) and op.args["weight"].role == "parameter" and min(op.args["kernel_size"]) > 1


RULE = DepthwiseWithoutPointwise
