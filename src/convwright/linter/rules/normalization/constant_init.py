"""CW305."""

from collections.abc import Iterator

import torch

from ....graph import Op
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import LINEAR, out_channels
from ...rule import Example, OpRule


class ConstantInit(OpRule):
    """All weights of a hidden layer start at one value.

    Why: its channels start as copies of each other, and where the layers behind treat them alike they stay so; at zero
    a ReLU behind passes no gradient at all. Zero in the last layer of a branch or of the network is a known trick, and
    left alone.

    Source: Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", on
    random starts; Nikanjam et al. 2021 (NeuraLint), whose catalog asks that weights are not constant.
    """

    code, severity, kinds = "CW305", Severity.ERROR, LINEAR
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.hidden = nn.Linear(16, 32)
                self.head = nn.Linear(32, 10)
                nn.init.zeros_(self.hidden.weight)

            def forward(self, x):
                return self.head(F.relu(self.hidden(x)))
        """,
        inputs=(2, 16),
    )
    good = bad.with_changes({"self.hidden.weight": "self.head.weight"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A trainable weight of one value, in a dense layer that another linear op reads."""
        weight = op.args["weight"]
        if weight.role != "parameter" or not net.graph.parameters[weight.name].trainable:
            return
        if out_channels(op) < 2 or op.args.get("groups", 1) > 1:
            return
        value = _only_value(net.parameter(weight.name))
        if value is None or not _feeds_linear(op, net):
            return
        yield self.finding(
            op,
            f"starts with all {weight.numel} weights at {value:g}, so that its {out_channels(op)} channels start equal",
            fix=suggestion("start from nn.init.kaiming_normal_(weight)"),
        )


def _only_value(weight: torch.Tensor) -> float | None:
    if weight.is_meta or not weight.is_floating_point():
        return None
    weight = weight.detach()
    first, last = (0,) * weight.ndim, (-1,) * weight.ndim
    value = float(weight[first])
    # Two numbers settle nearly every case; only then are all of them read.
    if value != float(weight[last]) or not bool((weight == value).all()):
        return None
    return value


def _feeds_linear(op: Op, net: LintedNetwork) -> bool:
    reader = net.graph.sole_consumer(op)
    while reader is not None and reader.kind not in LINEAR:
        if sum(tensor.role == "result" for tensor in reader.inputs) > 1:
            return False  # a sum, a gate: the end of a branch
        reader = net.graph.sole_consumer(reader)
    return reader is not None


RULE = ConstantInit
