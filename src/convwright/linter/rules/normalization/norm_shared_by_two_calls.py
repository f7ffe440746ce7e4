"""CW308."""

from collections.abc import Iterator

from ....graph import Op
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import LINEAR
from ...rule import Example, Rule


class NormSharedByTwoCalls(Rule):
    """One batch norm is called on the outputs of different layers.

    Why: each call moves the same running statistics, which end up as a mixture that fits none of the layers. Training
    normalizes each by its own batch, so only evaluation suffers. Networks that apply layer and norm together several
    times (siamese, recurrent) are left alone.

    Source: Ioffe & Szegedy 2015, "Batch Normalization", section 3.1 (statistics of one activation), and the
    documentation of `torch.nn.BatchNorm2d`.
    """

    code, severity = "CW308", Severity.WARNING
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv1 = nn.Conv2d(3, 8, 3, bias=False)
                self.conv2 = nn.Conv2d(8, 8, 3, bias=False)
                self.bn = nn.BatchNorm2d(8)

            def forward(self, x):
                x = F.relu(self.bn(self.conv1(x)))
                return F.relu(self.bn(self.conv2(x)))
        """
    )
    good = bad.with_changes(
        {
            "self.bn = nn.BatchNorm2d(8)": "self.bn1 = nn.BatchNorm2d(8)\nself.bn2 = nn.BatchNorm2d(8)",
            "self.bn(self.conv1(x))": "self.bn1(self.conv1(x))",
            "self.bn(self.conv2(x))": "self.bn2(self.conv2(x))",
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Calls with the same running mean after layers with different weights; one finding a norm."""
        calls: dict[str, list[Op]] = {}
        for op in net.ops_of("batch_norm"):
            if op.args["running_mean"] is not None:
                calls.setdefault(op.args["running_mean"].name, []).append(op)
        for ops in calls.values():
            before = [net.producer(op.input) for op in ops]
            weights = {op.args["weight"].id: op.path for op in before if op is not None and op.kind in LINEAR}
            layers = tuple(weights.values())
            if len(layers) > 1:
                names = " and ".join(f"`{path}`" for path in layers[:2])
                more = f" and {len(layers) - 2} more" if len(layers) > 2 else ""
                yield self.finding(
                    ops[0],
                    f"keeps one mean and variance for each of {ops[0].input.shape[1]} channels of {names}{more}, "
                    "which differ",
                    fix=suggestion(f"give each of the {len(layers)} its own batch norm"),
                )


RULE = NormSharedByTwoCalls
