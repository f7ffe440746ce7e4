"""CW801."""

from collections.abc import Iterator
from math import prod

from ....graph import Op
from ....units import percent
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import CONVS, in_channels, is_depthwise, out_channels, spatial
from ...rule import Example, Rule

_MULTIPLE = 8
_WORTH_IT = 0.05  # share of the MACs


class ChannelsOffTheMultiple(Rule):
    """Widths are no multiples of 8, so that kernels pad them or fall back to slower ones.

    Why: Matrix units and vector registers work on tiles whose sides are multiples of 8: tensor cores in half precision,
    eight floats in 256 bits. A width in between costs as much as the next multiple, or more.

    Source: PyTorch documentation, "Performance tuning guide" ("To use Tensor Cores: set sizes to multiples of 8");
    NVIDIA documentation, "Convolutional layers user's guide" (channels divisible by 8 in FP16, by 4 in TF32).
    """

    code, severity = "CW801", Severity.ADVICE
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 20, 3, padding=1, bias=False), nn.BatchNorm2d(20), nn.ReLU(),
            nn.Conv2d(20, 50, 3, padding=1, bias=False), nn.BatchNorm2d(50), nn.ReLU(),
        )
        """
    )
    good = bad.with_changes(
        {
            "nn.Conv2d(3, 20": "nn.Conv2d(3, 24",
            "nn.BatchNorm2d(20)": "nn.BatchNorm2d(24)",
            "nn.Conv2d(20, 50": "nn.Conv2d(24, 48",
            "nn.BatchNorm2d(50)": "nn.BatchNorm2d(48)",
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """All convolutions and linear layers of the network."""
        linears = [op for op in net.ops_of(*CONVS, "linear") if op.kind == "linear" or _makes_maps(op)]
        costs = {op: cost.macs if (cost := net.analysis.macs.per_op[op.index]) else 0 for op in linears}
        total = sum(costs.values())
        # How many times the work is done when each width is padded to the multiple.
        factors = {op: prod(_up(width) / width for width in _widths(op, net)) for op in linears}
        off = [op for op in linears if factors[op] > 1]
        padded = sum(costs[op] * factors[op] for op in linears)
        if not total or padded < (1 + _WORTH_IT) * total:
            return
        worst = max(off, key=lambda op: costs[op] * (factors[op] - 1))
        widths = sorted({w for op in off for w in _widths(op, net) if w % _MULTIPLE})
        named = ", ".join(f"{width} to {_up(width)}" for width in widths[:4])
        yield self.finding(
            worst,
            f"has {in_channels(worst)} channels in and {out_channels(worst)} out: {len(off)} of {len(linears)} "
            f"convolutions and linear layers are off the multiples of {_MULTIPLE}, padded to them they cost "
            f"{percent(padded / total - 1)} more MACs",
            fix=suggestion(f"choose widths that are multiples of {_MULTIPLE}: {named}"),
        )


def _makes_maps(conv: Op) -> bool:
    """Return True if it runs at several positions of a batch."""
    return conv.output.ndim == 2 + len(conv.args["kernel_size"]) and max(spatial(conv.output)) > 1


def _widths(op: Op, net: LintedNetwork) -> tuple[int, ...]:
    """The widths of an op that are the designer's choice: not the colors of the image, nor the number of classes."""
    reads_image = op in net.ops_of("conv2d")[:1] or op.input.role == "input" or in_channels(op) == 1
    widths = () if reads_image else (in_channels(op),)
    if is_depthwise(op):
        return widths
    return widths if op is net.logits or net.graph.is_output(op.output) else (*widths, out_channels(op))


def _up(width: int) -> int:
    return -(-width // _MULTIPLE) * _MULTIPLE


RULE = ChannelsOffTheMultiple
