"""CW402."""

from collections.abc import Iterator
from math import prod

from torch import nn

from ....graph import Op
from ...edits import Replace, SetArguments
from ...finding import Finding, Fix, Gain, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...patterns import CONVS, in_channels, is_dense_conv, is_map, out_channels, spatial
from ...rule import Example, Rule

_FEW = 8


class LargeKernel(Rule):
    """A dense convolution has a window of 5x5 or more, where 3x3 windows see enough for less.

    Why: two 3x3 convolutions see 5x5 pixels with 18 weights for each pair of channels instead of 25, three see 7x7 with
    27 instead of 49, and each adds a nonlinearity. It is a warning where most windows of the network are that large.

    Source: Simonyan & Zisserman 2015, "Very deep convolutional networks", section 2.3.

    Fix: one 3x3 convolution where the last map still sees the whole image then, else a stack that sees what the large
    window saw; either is trained anew.
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
    good = bad.with_changes(
        {
            "nn.Conv2d(16, 16, 5, padding=2, bias=False), nn.BatchNorm2d(16), nn.ReLU(),": (
                "nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),\n"
                "nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),"
            )
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Large windows for which smaller ones are cheaper."""
        windows = [op for op in net.ops_of(*CONVS) if prod(op.args["kernel_size"]) > 1]
        large = [op for op in windows if _is_large(op)]
        if not large:
            return
        field = _field_of_small_windows(large, net)
        is_enough = bool(net.image_px) and field >= max(net.image_px)
        is_habit = len(large) >= max(3, len(windows) / 2)
        for op in large:
            depth = 1 if is_enough else _depth(op)
            if (saved := _saved_weights(op, depth)) <= 0:
                continue
            kernel, macs = op.args["kernel_size"][0], saved * prod(spatial(op.output))
            share = saved / (kernel**2 * in_channels(op) * out_channels(op))
            others = f"with 3x3 windows the network still sees {field}" if is_enough else f"{depth} of 3x3 see the same"
            yield self.finding(
                op,
                f"has a {kernel}x{kernel} window: {others}{' px' * is_enough}, with {share:.0%} fewer weights here",
                severity=Severity.WARNING if is_habit else Severity.ADVICE,
                gain=Gain(parameters=saved, macs=macs),
                fix=_smaller(op, net) if is_enough else _stack(op, net),
            )


def _field_of_small_windows(large: list[Op], net: LintedNetwork) -> int:
    """Return what the last map sees, in pixels, at least, were each of these windows 3x3."""
    fields = net.analysis.fields
    lost = 0.0
    for op in large:
        seen = fields.of(op.input)
        lost += (op.args["kernel_size"][0] - 3) * max((jump or 0 for jump in seen.jump_px), default=0) if seen else 0
    return int(min(fields.receptive_field_px, default=0) - lost)


def _is_large(op: Op) -> bool:
    """Return True if a stack of 3x3 convolutions could stand in its place."""
    kernel = op.args["kernel_size"]
    if not is_dense_conv(op) or kernel[0] != kernel[1] or kernel[0] < 5 or kernel[0] % 2 == 0:
        return False
    if not is_map(op.input) or out_channels(op) < _FEW or (in_channels(op) < _FEW and op.input.role == "result"):
        return False  # a gate of positions, not a layer
    fits = kernel[0] <= min(spatial(op.input))
    return fits and max(op.args["stride"]) == max(op.args["dilation"]) == 1 and spatial(op.input) == spatial(op.output)


def _depth(op: Op) -> int:
    kernel: int = op.args["kernel_size"][0]
    return (kernel - 1) // 2


def _saved_weights(op: Op, depth: int) -> int:
    """Return the weights that so many 3x3 convolutions save."""
    kernel: int = op.args["kernel_size"][0]
    c_in, c_out = in_channels(op), out_channels(op)
    return kernel**2 * c_in * c_out - 9 * c_out * (c_in + (depth - 1) * c_out)


def _smaller(op: Op, net: LintedNetwork) -> Fix:
    edit = SetArguments(path=op.path, values={"kernel_size": 3, "padding": 1})
    return training_fix("set kernel_size=3, padding=1", edit, possible=type(net.layer(op)) is nn.Conv2d)


def _stack(op: Op, net: LintedNetwork) -> Fix:
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
    return training_fix(summary, Replace(path=op.path, code=code))


RULE = LargeKernel
