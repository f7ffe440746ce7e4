"""CW402."""

from collections.abc import Iterator
from math import prod

from torch import nn

from ....graph import Op
from ....units import count
from ...edits import Replace
from ...finding import Finding, Fix, Gain, Safety, Severity, suggestion
from ...patterns import CONVS, in_channels, is_dense_conv, is_map, out_channels, spatial
from ...rule import Example, Rule
from ...subject import Subject

_FEW = 8


class LargeKernel(Rule):
    """A dense convolution has a window of 5x5 or more, where stacked 3x3 convolutions see the same for less.

    Why: two 3x3 convolutions see 5x5 pixels with 18 weights for each pair of channels instead of 25, three see 7x7 with
    27 instead of 49, and each adds a nonlinearity. It is a warning where most windows of the network are that large.

    Source: Simonyan & Zisserman 2015, "Very deep convolutional networks", section 2.3.

    Fix: stacks 3x3 convolutions in place of the large one; they are trained anew.
    """

    code, severity = "CW402", Severity.ADVICE
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 16, 5, padding=2, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        )
        """
    )
    good = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        )
        """
    )

    def check(self, net: Subject) -> Iterator[Finding]:
        """Large windows for which a stack is cheaper."""
        windows = [op for op in net.ops_of(*CONVS) if prod(op.args["kernel_size"]) > 1 and op.input.role == "result"]
        large = [op for op in windows if _is_large(op) and _saved_weights(op) > 0]
        is_habit = len(large) >= max(3, len(windows) / 2)
        for op in large:
            kernel, depth, saved = op.args["kernel_size"][0], _depth(op), _saved_weights(op)
            macs = saved * prod(spatial(op.output))
            share = saved / (kernel**2 * in_channels(op) * out_channels(op))
            yield self.finding(
                op,
                f"has a {kernel}x{kernel} window: {depth} stacked 3x3 convolutions see the same with {share:.0%} fewer "
                f"weights, {count(saved)} of them, and {count(macs, 'MACs')} less",
                severity=Severity.WARNING if is_habit else Severity.ADVICE,
                gain=Gain(parameters=saved, macs=macs),
                fix=_stack(op, net),
            )


def _is_large(op: Op) -> bool:
    """Whether a stack of 3x3 convolutions could stand in its place."""
    kernel = op.args["kernel_size"]
    if not is_dense_conv(op) or kernel[0] != kernel[1] or kernel[0] < 5 or kernel[0] % 2 == 0:
        return False
    if not is_map(op.input) or min(in_channels(op), out_channels(op)) < _FEW:
        return False  # a gate of positions, not a layer
    fits = kernel[0] <= min(spatial(op.input))
    return fits and max(op.args["stride"]) == max(op.args["dilation"]) == 1 and spatial(op.input) == spatial(op.output)


def _depth(op: Op) -> int:
    kernel: int = op.args["kernel_size"][0]
    return (kernel - 1) // 2


def _saved_weights(op: Op) -> int:
    kernel: int = op.args["kernel_size"][0]
    c_in, c_out = in_channels(op), out_channels(op)
    return kernel**2 * c_in * c_out - 9 * c_out * (c_in + (_depth(op) - 1) * c_out)


def _stack(op: Op, net: Subject) -> Fix:
    summary = f"stack {_depth(op)} 3x3 convolutions instead"
    layer = net.layer(op)
    if type(layer) is not nn.Conv2d or layer.padding_mode != "zeros":
        return suggestion(summary)
    after = net.graph.sole_consumer(op)
    normed = after is not None and after.kind == "batch_norm"
    rest = "3, padding=1)" if op.has_bias and not normed else "3, padding=1, bias=False)"
    between = ", nn.BatchNorm2d({out_channels}), nn.ReLU(), " if normed else ", nn.ReLU(), "
    first = "nn.Conv2d({in_channels}, {out_channels}, " + rest
    others = ["nn.Conv2d({out_channels}, {out_channels}, " + rest] * (_depth(op) - 1)
    code = f"nn.Sequential({between.join([first, *others])})"
    return Fix(summary=summary, safety=Safety.CHANGES_TRAINING, edits=(Replace(path=op.path, code=code),))


RULE = LargeKernel
