"""CW301."""

from collections.abc import Iterator

from torch import nn

from ....graph import Op
from ...edits import SetArguments
from ...finding import Finding, Fix, Gain, Safety, Severity
from ...linted_network import LintedNetwork
from ...patterns import LINEAR
from ...rule import Example, OpRule


class BiasBeforeNorm(OpRule):
    """A convolution or linear layer has a bias that the batch norm after it cancels.

    Why: batch norm subtracts the mean of each channel, and the bias is part of that mean. What it learns is lost, while
    it is stored, updated and kept by the optimizer; the norm's own shift does the work.

    Source: Ioffe & Szegedy 2015, "Batch Normalization", section 3.2 ("the bias b can be ignored").

    Fix: the bias goes; in a trained network the running mean is lowered by it, so that outputs stay the same.
    """

    code, severity, kinds = "CW301", Severity.WARNING, LINEAR
    bad = Example(source="nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())")
    good = Example(source="nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())")

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A bias whose only reader's only reader is a batch norm over the same channels."""
        norm = net.graph.sole_consumer(op) if op.has_bias else None
        if norm is None or norm.kind != "batch_norm" or norm.args["running_mean"] is None:
            return
        if op.kind == "linear" and norm.input.ndim > 2:
            return  # the channels are not the features
        if net.layer(op) is None or len(net.graph.consumers(op.args["bias"])) > 1:
            return  # another call may need it
        bias, mean = op.args["bias"].name, norm.args["running_mean"].name
        yield self.finding(
            op,
            f"keeps {op.output.shape[1]} biases that the batch norm `{norm.path}` cancels",
            gain=Gain(parameters=op.output.shape[1]),
            fix=Fix(
                summary="set bias=False",
                safety=Safety.SAME_OUTPUT,
                edits=(SetArguments(path=op.path, values={"bias": False}),),
                carry=lambda old, new: _shift(old, new, bias=bias, mean=mean),
            ),
        )


def _shift(old: nn.Module, new: nn.Module, *, bias: str, mean: str) -> None:
    new.get_buffer(mean).sub_(old.get_parameter(bias).detach())


RULE = BiasBeforeNorm
