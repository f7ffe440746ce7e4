"""CW109."""

from collections.abc import Iterator
from math import prod

from ....graph import Op
from ....units import percent, size
from ...edits import SetArguments
from ...finding import Finding, Fix, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...patterns import CONVS, window
from ...resizing import is_resizable
from ...rule import Example, OpRule

_POOLS = ("max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d")


class StrideLargerThanKernel(OpRule):
    """A convolution or pool steps further than its window reaches, and never reads what lies between.

    Why: the layers in front computed those positions, and nothing uses them. Where less resolution is enough, a window
    as wide as the stride at least looks at everything. Windows of one position subsample on purpose.

    Source: Window arithmetic; Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", chapter 2.

    Fix: the kernel becomes as wide as the stride, where the size of what follows stays right.
    """

    code, severity, kinds = "CW109", Severity.WARNING, (*CONVS, *_POOLS)
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=4, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, 10),
        )
        """
    )
    good = bad.with_changes({"3, stride=4, padding=1": "5, stride=4, padding=2"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A window with gaps around it, and more than one place to stand."""
        kernel, stride = window(op), op.args["stride"]
        if prod(kernel) == 1 or not any(s > k for k, s in zip(kernel, stride, strict=True)):
            return
        rows = list(zip(op.input.shape[2:], op.output.shape[2:], kernel, stride, strict=True))
        unread = 1 - prod(1 - (n - 1) * max(s - k, 0) / length for length, n, k, s in rows)
        if unread <= 0:
            return
        yield self.finding(
            op,
            f"reads {size(kernel)} windows {size(stride)} px apart: {percent(unread)} of its input is never read",
            fix=_fix(op, net),
        )


def _fix(op: Op, net: LintedNetwork) -> Fix:
    rows = list(zip(op.args["kernel_size"], op.args["stride"], strict=True))
    kernel = tuple(max(k, s) for k, s in rows)
    value = kernel[0] if len(set(kernel)) == 1 else kernel
    is_plain = set(op.args.get("dilation") or (1,)) == {1} and not isinstance(op.args["padding"], str)
    if not is_plain or net.layer(op) is None or not is_resizable(op, net.graph):
        return suggestion(f"make the kernel at least {size(kernel)}, or the stride smaller")
    return training_fix(f"set kernel_size={value}", SetArguments(path=op.path, values={"kernel_size": value}))


RULE = StrideLargerThanKernel
