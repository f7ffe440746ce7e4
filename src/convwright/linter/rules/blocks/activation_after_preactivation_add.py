"""CW506."""

from collections.abc import Iterator

from ...blocks import is_preactivation
from ...common_fixes import without
from ...finding import Finding, Safety, Severity
from ...linted_network import LintedNetwork
from ...patterns import NORMS, is_rectifier
from ...rule import Example, Rule


class ActivationAfterPreactivationAdd(Rule):
    """A residual block that begins with a norm is followed by an activation on the sum.

    Why: blocks that begin with norm and activation leave the sum alone so that values, and gradients, pass all blocks
    unchanged. An activation on the sum cuts the negative half off that way, and does what the next block does again.

    Source: He et al. 2016, "Identity mappings in deep residual networks", sections 2 and 4.

    Fix: takes the activation away.
    """

    code, severity = "CW506", Severity.WARNING
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
                y = self.conv2(F.relu(self.norm2(y)))
                return F.relu(x + y)


        class Net(nn.Sequential):
            def __init__(self):
                stem = nn.Conv2d(3, 32, 3, padding=1, bias=False)
                super().__init__(stem, *[Block(32) for _ in range(2)], nn.BatchNorm2d(32), nn.ReLU())
        """
    )
    good = bad.with_changes({"F.relu(x + y)": "x + y"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Activations between the sum of such a block and the norm that begins the next, or the final one."""
        for add in net.residual_adds:
            activation = net.reader(add)
            if activation is None or not is_rectifier(activation) or not is_preactivation(add, net):
                continue
            if not any(op.kind in NORMS for op in net.readers(activation)):
                continue  # the final activation
            yield self.finding(
                activation,
                f"rectifies the sum of a residual block, {activation.output.shape[1]} channels, before the norm that "
                f"comes next",
                fix=without(activation, net, Safety.CHANGES_TRAINING),
            )


RULE = ActivationAfterPreactivationAdd
