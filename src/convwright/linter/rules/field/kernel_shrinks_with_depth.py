"""CW208."""

from collections.abc import Iterator
from itertools import pairwise

from ....units import size
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import CONVS
from ...rule import Example, Rule


class KernelShrinksWithDepth(Rule):
    """A later convolution has a smaller window than one before it, among those larger than 1x1.

    Why: early features are small, edges and corners, and a small window finds them; later ones are made of parts that
    lie further apart. Large windows are also dearest where maps are largest.

    Source: Nikanjam et al. 2021, "Automatic Fault Detection for Deep Learning Programs Using Graph Transformations"
    (NeuraLint).

    Off: the 7x7 stem of every ResNet breaks it.
    """

    code, severity, is_default = "CW208", Severity.ADVICE, False
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 5, padding=2, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
        )
        """
    )
    good = bad.with_changes({"5, padding=2": "3, padding=1"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The first convolution that is smaller than one it depends on."""
        windows = [op for op in net.ops_of(*CONVS) if max(op.args["kernel_size"]) > 1]
        for before, op in pairwise(windows):
            if max(op.args["kernel_size"]) < max(before.args["kernel_size"]) and net.precedes(before, op):
                yield self.finding(
                    op,
                    f"has a {size(op.args['kernel_size'])} kernel behind the {size(before.args['kernel_size'])} "
                    f"of `{before.path}`",
                    fix=suggestion(f"use {size(op.args['kernel_size'])} in front, and larger kernels behind"),
                )
                return


RULE = KernelShrinksWithDepth
