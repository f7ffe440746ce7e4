"""CW504."""

from collections.abc import Iterator

import torch
from torch import nn

from ....graph import Op
from ...blocks import sides
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...rule import Example, Rule


class LastGammaNotZero(Rule):
    """The batch norms that end the residual branches start with a weight of one, not zero.

    Why: with a weight of zero each block starts as the identity, and the network as a shallow one that grows into its
    depth; large batches and learning rates need it most. It costs nothing.

    Source: Goyal et al. 2017, "Accurate, large minibatch SGD", section 5.1; He et al. 2019, "Bag of tricks for image
    classification with convolutional neural networks", section 3.1; documentation of zero_init_residual in the source
    of torchvision.models.resnet (0.2 to 0.3 points).
    """

    code, severity = "CW504", Severity.ADVICE
    bad = Example(
        source="""
        class Block(nn.Module):
            def __init__(self, c):
                super().__init__()
                self.conv1 = nn.Conv2d(c, c, 3, padding=1, bias=False)
                self.norm1 = nn.BatchNorm2d(c)
                self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
                self.norm2 = nn.BatchNorm2d(c)

            def forward(self, x):
                y = F.relu(self.norm1(self.conv1(x)))
                return F.relu(x + self.norm2(self.conv2(y)))


        class Net(nn.Sequential):
            def __init__(self):
                stem = [nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU()]
                super().__init__(*stem, Block(32), Block(32))
        """
    )
    good = bad.with_changes(
        {"self.norm2 = nn.BatchNorm2d(c)": "self.norm2 = nn.BatchNorm2d(c)\nnn.init.zeros_(self.norm2.weight)"}
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """All branches of a network that was not trained yet."""
        norms = [norm for add in net.residual_adds if (norm := _last_norm(add, net)) is not None]
        if not norms or not all(_is_one(norm, net) for norm in norms):
            return
        blocks = "1 residual branch" if len(norms) == 1 else f"{len(norms)} residual branches"
        yield self.finding(
            norms[0],
            f"starts with a weight of one, at the end of a residual branch ({blocks} in all)",
            fix=suggestion(f"nn.init.zeros_(block.{norms[0].path.rpartition('.')[2]}.weight) in each block"),
        )


def _last_norm(add: Op, net: LintedNetwork) -> Op | None:
    op = net.producer(sides(add, net)[0])
    is_weighted = op is not None and op.kind == "batch_norm" and op.args["weight"] is not None
    return op if is_weighted else None


def _is_one(norm: Op, net: LintedNetwork) -> bool:
    weight = getattr(net.module(norm.path), "weight", None)
    if not isinstance(weight, nn.Parameter) or weight.is_meta:
        return False
    return bool(torch.all(weight.detach() == 1))


RULE = LastGammaNotZero
