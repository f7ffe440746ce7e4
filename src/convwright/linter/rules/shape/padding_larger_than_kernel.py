"""CW107."""

from collections.abc import Iterator
from math import prod

from ....graph import Op
from ....units import percent, size
from ...edits import SetArguments
from ...finding import Finding, Fix, Gain, Severity, training_fix
from ...linted_network import LintedNetwork
from ...patterns import CONVS, window
from ...resizing import is_resizable
from ...rule import Example, OpRule


class PaddingLargerThanKernel(OpRule):
    """A convolution pads by a whole window or more, so that outputs at the border see padding only.

    Why: those positions hold the bias and nothing else, whatever the image, and every later layer computes on them. It
    happens when a 3x3 kernel becomes 1x1 and its padding stays.

    Source: Window arithmetic: the first window covers the positions -p to -p + k - 1, all of them padding when p >= k.

    Fix: half the kernel, which keeps the size of the map; offered where what follows takes a map of any size.
    """

    code, severity, kinds = "CW107", Severity.WARNING, CONVS
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 1, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, 10),
        )
        """
    )
    good = bad.with_changes({"nn.Conv2d(3, 16, 1, padding=1, bias=False)": "nn.Conv2d(3, 16, 1, bias=False)"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """Positions whose window lies outside the map."""
        padding = op.args["padding"]
        if isinstance(padding, str) or not any(p >= k for p, k in zip(padding, window(op), strict=True)):
            return
        rows = zip(op.input.shape[2:], op.output.shape[2:], window(op), op.args["stride"], padding, strict=True)
        lost = 1 - prod(_inside(*row) for row in rows) / prod(op.output.shape[2:])
        macs = net.analysis.macs.per_op[op.index]
        yield self.finding(
            op,
            f"pads by {size(padding)} under a window of {size(window(op))}: "
            f"{percent(lost)} of its outputs see nothing but padding",
            gain=Gain(macs=round(lost * macs.macs / net.batch_size)) if macs else None,
            fix=_fix(op, net),
        )


def _inside(before: int, after: int, kernel: int, stride: int, padding: int) -> int:
    """Windows along one axis that touch the map."""
    starts = [position * stride - padding for position in range(after)]
    return sum(start + kernel > 0 and start < before for start in starts)


def _fix(op: Op, net: LintedNetwork) -> Fix:
    padding = tuple(k // 2 for k in window(op))
    value = padding[0] if len(set(padding)) == 1 else padding
    edit = SetArguments(path=op.path, values={"padding": value})
    possible = net.layer(op) is not None and is_resizable(op, net.graph)
    return training_fix(f"set padding={value}", edit, possible=possible)


RULE = PaddingLargerThanKernel
