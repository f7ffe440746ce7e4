"""CW108."""

from collections.abc import Iterator

from ....graph import Op
from ....units import size
from ...edits import SetArguments
from ...finding import Finding, Fix, Severity, training_fix
from ...linted_network import LintedNetwork
from ...patterns import CONVS, window
from ...resizing import is_resizable
from ...rule import Example, OpRule


class EvenKernel(OpRule):
    """A convolution with stride 1 has an even window and padding.

    Why: an even window has no middle position. Its output lies half a pixel beside its input, always to the same side,
    so that several of them move the features off the image; and no equal padding on both sides keeps the size.

    Source: Wu et al. 2019, "Convolution with even-sized kernels and symmetric padding" (the shift problem).

    Fix: the next smaller odd kernel with the padding that keeps the size.
    """

    code, severity, kinds = "CW108", Severity.ADVICE, CONVS
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 4, padding=2, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, 10),
        )
        """
    )
    good = bad.with_changes({"4, padding=2": "3, padding=1"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """An even axis that is padded and not strided."""
        padding = op.args["padding"]
        pads = (int(padding == "same"),) * len(op.args["stride"]) if isinstance(padding, str) else padding
        rows = zip(window(op), op.args["stride"], pads, strict=True)
        if not any(k % 2 == 0 and s == 1 and p > 0 for k, s, p in rows):
            return
        before, after = size(op.input.shape[2:]), size(op.output.shape[2:])
        sizes = f" and makes {after} of {before}" if before != after else ""
        yield self.finding(
            op,
            f"has a {size(op.args['kernel_size'])} window, which moves the map by half a pixel{sizes}",
            fix=_fix(op, net),
        )


def _fix(op: Op, net: LintedNetwork) -> Fix:
    kernel = tuple(k - (k % 2 == 0) for k in op.args["kernel_size"])
    padding = tuple(d * (k // 2) for k, d in zip(kernel, op.args["dilation"], strict=True))
    values = {"kernel_size": _short(kernel), "padding": _short(padding)}
    summary = f"set kernel_size={values['kernel_size']}, padding={values['padding']}"
    keeps = op.input.shape[2:] == op.output.shape[2:] and set(op.args["stride"]) == {1}
    possible = net.layer(op) is not None and (keeps or is_resizable(op, net.graph))
    return training_fix(summary, SetArguments(path=op.path, values=values), possible=possible)


def _short(values: tuple[int, ...]) -> int | tuple[int, ...]:
    return values[0] if len(set(values)) == 1 else values


RULE = EvenKernel
