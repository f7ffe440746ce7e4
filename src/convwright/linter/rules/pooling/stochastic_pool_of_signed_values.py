"""CW704."""

from collections.abc import Iterator

from ....graph import Op
from ...edits import Replace
from ...finding import Finding, Severity, training_fix
from ...linted_network import LintedNetwork
from ...rule import Example, Rule
from ...value_signs import may_be_negative


class StochasticPoolOfSignedValues(Rule):
    """Stochastic pooling gets values that may be negative.

    Why: each value of a window is drawn with a probability in proportion to it, and a probability is not negative.
    What an implementation makes of it differs: some fail while drawing, some turn the signs around, and those that
    count negative values as zero lose half of what a norm or convolution gives.

    Source: Zeiler & Fergus 2013, "Stochastic Pooling for Regularization of Deep Convolutional Neural Networks", section
    3.1 (the activations are those of rectified units).

    Fix: a ReLU in front.
    """

    code, severity = "CW704", Severity.ERROR
    bad = Example(
        source="""
        class StochasticPool2d(nn.Module):
            def forward(self, x):
                pairs = torch.stack([x[..., ::2], x[..., 1::2]])
                return (pairs * pairs).sum(0) / (pairs.sum(0) + 1e-6)

        class Net(nn.Sequential):
            def __init__(self):
                super().__init__(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), StochasticPool2d())
        """
    )
    good = bad.with_changes({"nn.BatchNorm2d(8), Stoch": "nn.BatchNorm2d(8), nn.ReLU(), Stoch"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The first op of each module that has stochastic pooling in its name."""
        pools = {path for path, row in net.graph.modules.items() if "stochasticpool" in row.type.lower()}
        for path in sorted(pools):
            row = net.graph.modules[path]
            op = next(iter(net.graph.ops_in(path)), None) if row.num_calls == 1 else None
            if op is None or not may_be_negative(net.graph, op.input):
                continue
            yield self.finding(
                path,
                f"draws from {_source(op, net)}, whose values may be negative",
                fix=training_fix("put a ReLU in front", Replace(path=path, code="nn.Sequential(nn.ReLU(), {old})")),
            )


def _source(op: Op, net: LintedNetwork) -> str:
    source = net.producer(op.input)
    if source is None:
        return "the input"
    return f"`{source.path}`" if source.path else source.kind


RULE = StochasticPoolOfSignedValues
