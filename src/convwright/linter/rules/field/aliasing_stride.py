"""CW209."""

from collections.abc import Iterator
from math import prod

from ....graph import Op
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import is_map, is_strided, window
from ...rule import Example, Rule


class AliasingStride(Rule):
    """Maps are subsampled without a low-pass filter in front.

    Why: a stride of 2 keeps every second position, and what is finer than that turns into false coarse patterns. An
    image moved by one pixel then gives other features; a blur before the stride makes outputs steadier.

    Source: Zhang 2019, "Making Convolutional Networks Shift-Invariant Again", section 3 (max pool: take the maximum at
    stride 1, then blur and subsample; convolution: the same after its activation).
    """

    code, severity = "CW209", Severity.ADVICE
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, 10),
        )
        """
    )
    good = bad.with_changes({"3, stride=2, padding=1": "3, padding=1", "nn.ReLU(),": "nn.ReLU(),\nnn.AvgPool2d(2),"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """All strided convolutions and max pools on the way, as one finding at the first."""
        if not net.classifies:
            return
        found = [op for op in net.ops_of("conv2d", "max_pool2d") if _aliases(op, net)]
        if not found:
            return
        places = list(dict.fromkeys(f"`{op.path}`" if op.path else op.kind for op in found))
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        yield self.finding(
            found[0],
            f"subsamples without a low-pass, at {len(places)} {'places' if len(places) > 1 else 'place'}: "
            f"{', '.join(places[:3])}{more}",
            fix=suggestion("stride 1 there, then a blur with stride 2 (BlurPool) behind the activation"),
        )


def _aliases(op: Op, net: LintedNetwork) -> bool:
    """Return True if windows overlap or stand side by side, and leave out positions of a map they did not smooth."""
    if not is_strided(op) or not is_map(op.input) or prod(window(op)) == 1:
        return False
    if op.kind == "max_pool2d":
        return True
    if op.args["weight"].role != "parameter" or _is_blurred(op, net):
        return False
    # Windows that stand side by side cut the image into patches: a transform, rather than subsampling.
    return any(k > s > 1 for k, s in zip(window(op), op.args["stride"], strict=True))


def _is_blurred(op: Op, net: LintedNetwork) -> bool:
    source = net.producer(op.input)
    return source is not None and (
        source.kind == "avg_pool2d" or (source.kind == "conv2d" and source.args["weight"].role != "parameter")
    )


RULE = AliasingStride
