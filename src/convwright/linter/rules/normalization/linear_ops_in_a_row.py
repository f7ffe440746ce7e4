"""CW302."""

from collections.abc import Iterator

from ....graph import Op
from ...edits import Replace
from ...finding import Finding, Severity, training_fix
from ...linted_network import LintedNetwork
from ...patterns import CONVS, SILENT, in_channels, is_map, out_channels
from ...rule import Example, OpRule


class LinearOpsInARow(OpRule):
    """Two convolutions with windows, or two linear layers, follow each other without an activation.

    Why: a product of two matrices is a matrix. What the two compute one layer could, so the second adds parameters and
    time but no functions. Narrow layers between wide ones (linear bottlenecks), depthwise, separable and 1x1
    convolutions are factorizations that save parameters, and are left alone. So is everything after a norm that
    divides by what it sees of one image.

    Source: Window arithmetic: two 3x3 convolutions are one 5x5 (Simonyan & Zisserman 2015, "Very deep convolutional
    networks for large-scale image recognition", section 2.3, gives the activations between as what sets them apart).
    """

    code, severity, kinds = "CW302", Severity.WARNING, ("conv2d", "linear")
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.Conv2d(8, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
        )
        """
    )
    good = bad.with_changes({"nn.Conv2d(8, 8": "nn.ReLU(),\nnn.Conv2d(8, 8"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A dense op whose only reader, through batch norm and dropout, is another dense op of its kind."""
        if not _is_dense(op) or out_channels(op) < in_channels(op):
            return
        last, then = op, net.graph.sole_consumer(op)
        while then is not None and (then.kind in SILENT or then.kind == "batch_norm"):
            last, then = then, net.graph.sole_consumer(then)
        if then is None or then.kind != op.kind or then.input is not last.output or not _is_dense(then):
            return
        yield self.finding(
            op,
            f"feeds `{then.path}` with no activation between: {_as_one(op, then)}",
            fix=training_fix(
                "add a ReLU between",
                Replace(path=last.path, code="nn.Sequential({old}, nn.ReLU())"),
                possible=net.is_alone(last),
            ),
        )


def _is_dense(op: Op) -> bool:
    if op.kind not in CONVS:
        return True
    return bool(is_map(op.output)) and op.args["groups"] == 1 and min(op.args["kernel_size"]) > 1


def _as_one(op: Op, then: Op) -> str:
    if op.kind == "linear":
        return f"together they are one linear layer from {in_channels(op)} to {out_channels(then)} features"
    dilated = zip(then.args["kernel_size"], then.args["dilation"], op.args["stride"], strict=True)
    first = zip(op.args["kernel_size"], op.args["dilation"], strict=True)
    size = [(k - 1) * d + 1 + (k2 - 1) * d2 * s for (k, d), (k2, d2, s) in zip(first, dilated, strict=True)]
    return f"together they are one {size[0]}x{size[1]} convolution"


RULE = LinearOpsInARow
