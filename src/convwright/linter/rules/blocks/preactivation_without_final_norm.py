"""CW505."""

from collections.abc import Iterator

from ....graph import Op
from ...blocks import is_preactivation
from ...edits import Replace
from ...finding import Finding, Fix, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...patterns import ACTIVATIONS, NORMS, is_map
from ...rule import Example, Rule


class PreactivationWithoutFinalNorm(Rule):
    """A residual network whose blocks begin with a norm reads its classes from the last sum as it is.

    Why: in a block that normalizes first, nothing normalizes what it adds: the sum grows from block to block, and the
    norm of the next block brings it back. After the last block there is none, and the classifier reads unnormalized
    sums without a nonlinearity.

    Source: He et al. 2016, "Identity mappings in deep residual networks", appendix (an extra activation after the last
    residual unit).

    Fix: puts a norm and ReLU in front of the global pool.
    """

    code, severity = "CW505", Severity.WARNING
    bad = Example(
        source="""
        class Block(nn.Module):
            def __init__(self, c):
                super().__init__()
                self.norm1 = nn.BatchNorm2d(c)
                self.conv1 = nn.Conv2d(c, c, 3, padding=1, bias=False)
                self.norm2 = nn.BatchNorm2d(c)
                self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)

            def forward(self, x):
                y = self.conv1(F.relu(self.norm1(x)))
                return x + self.conv2(F.relu(self.norm2(y)))


        class Net(nn.Sequential):
            def __init__(self):
                body = [nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False), Block(32), Block(32)]
                super().__init__(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
        """,
        inputs=(2, 3, 16, 16),
    )
    good = bad.with_changes(
        {
            "super().__init__(*body, nn.Ada": (
                "norm = [nn.BatchNorm2d(32), nn.ReLU()]\nsuper().__init__(*body, *norm, nn.Ada"
            )
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The last residual add of a classifier."""
        adds = [op for op in net.residual_adds if is_map(op.output)]
        if not net.classifies or len(adds) < 2 or not is_preactivation(adds[-1], net):
            return
        last = adds[-1]
        if 2 * sum(is_preactivation(op, net) for op in adds) < len(adds):
            return  # blocks of another kind, but for the last
        if any(op.kind in (*NORMS, *ACTIVATIONS) and net.precedes(last, op) for op in net.graph.ops[last.index :]):
            return
        yield self.finding(
            last,
            f"is the last of {len(adds)} sums of a network whose blocks begin with a norm: its "
            f"{last.output.shape[1]} channels reach the classifier with no norm and no activation",
            fix=_norm_before_pool(last, net),
        )


def _norm_before_pool(last: Op, net: LintedNetwork) -> Fix:
    channels = last.output.shape[1]
    summary = f"add nn.BatchNorm2d({channels}) and nn.ReLU() before the global pool"
    pool = net.graph.sole_consumer(last)
    if pool is None or net.layer(pool) is None:
        return suggestion(summary)
    code = f"nn.Sequential(nn.BatchNorm2d({channels}), nn.ReLU(), {{old}})"
    return training_fix(summary, Replace(path=pool.path, code=code))


RULE = PreactivationWithoutFinalNorm
