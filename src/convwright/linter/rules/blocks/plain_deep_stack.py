"""CW501."""

from collections.abc import Iterator

from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import is_map, is_pointwise, spatial
from ...rule import Example, Rule

_DEEP, _TOO_DEEP = 10, 20


class PlainDeepStack(Rule):
    """Many convolutions follow each other without a skip connection.

    Why: beyond some 20 layers a plain network does not even fit its training set as well as a shallower one, since
    gradients reach its early layers only through all later ones. A shortcut around every two or three convolutions
    removes that, for free. From 10 to 20 convolutions it is advice.

    Source: He et al. 2016, "Deep residual learning for image recognition", section 4.1 (plain 34 layers have a higher
    training error than plain 18) and section 4.2 (the same of plain 20, 32, 44 and 56 on CIFAR-10).
    """

    code, severity = "CW501", Severity.WARNING
    bad = Example(
        source="""
        def conv(c_in, c_out, stride=1):
            return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


        class Block(nn.Module):
            def __init__(self, c):
                super().__init__()
                self.body = nn.Sequential(conv(c, c), nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c))

            def forward(self, x):
                return F.relu(self.body(x))


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.features = nn.Sequential(
                    conv(3, 16), *[Block(16) for _ in range(5)], conv(16, 32, 2), *[Block(32) for _ in range(5)]
                )
                self.classifier = nn.Linear(32, 10)

            def forward(self, x):
                return self.classifier(self.features(x).mean((2, 3)))
        """,
        inputs=(2, 3, 64, 64),
    )
    good = bad.with_changes({"self.body(x)": "x + self.body(x)"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The longest run of convolutions in a classifier."""
        num_convs = _longest_run(net) if net.classifies else 0
        if num_convs <= _DEEP:
            return
        yield self.finding(
            "",
            f"runs {num_convs} convolutions with a window one after the other, with no skip connection around any",
            severity=Severity.WARNING if num_convs > _TOO_DEEP else Severity.ADVICE,
            fix=suggestion("add a shortcut around every two or three convolutions"),
        )


def _longest_run(net: LintedNetwork) -> int:
    """The most convolutions with a window on a way through the network without a merge of two maps."""
    runs: list[int] = []
    for op in net.graph:
        so_far = [runs[tensor.producer] for tensor in op.inputs if tensor.producer is not None]
        num_maps = sum(is_map(tensor) and tensor.role != "parameter" for tensor in op.inputs)
        run = 0 if op.kind in ("add", "cat", "stack") and num_maps > 1 else max(so_far, default=0)
        runs.append(run + (op.kind == "conv2d" and not is_pointwise(op) and max(spatial(op.output)) > 1))
    return max(runs, default=0)


RULE = PlainDeepStack
