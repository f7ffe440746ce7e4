"""CW606."""

from collections.abc import Iterator
from math import prod

from ....graph import Op
from ....units import size
from ...edits import Replace
from ...finding import Finding, Severity, training_fix
from ...linted_network import LintedNetwork
from ...patterns import ACTIVATIONS, AVERAGE_POOLS, CONVS, MAX_POOLS, is_map, spatial
from ...rule import Example, OpRule

_MAP_MAKERS = frozenset((*CONVS, *MAX_POOLS, *AVERAGE_POOLS, "batch_norm", "add", "cat"))


class ElementDropoutOnMaps(OpRule):
    """Dropout drops single positions of a map.

    Why: neighbors in a map are alike, so what is dropped can be read off next to it: the rate is lower than it seems.
    Dropping whole channels (`nn.Dropout2d`) has no such leak.

    Source: Tompson et al. 2015, "Efficient object localization using convolutional networks", section 3.2.
    """

    code, severity, kinds = "CW606", Severity.ADVICE, ("dropout",)
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Conv2d(8, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
        )
        """
    )
    good = bad.with_changes({"nn.Dropout(0.2)": "nn.Dropout2d(0.2)"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """Element dropout of a map with channels first and more than one position."""
        before = net.producer(op.input, through=ACTIVATIONS)
        if before is None or before.kind not in _MAP_MAKERS:
            return
        if not op.args["p"] or not is_map(op.input) or prod(spatial(op.input)) == 1:
            return
        arguments = "{p}, {inplace}" if op.args["inplace"] else "{p}"
        yield self.finding(
            op,
            f"drops single values of {op.input.shape[1]} maps of {size(spatial(op.input))}, whose neighbors stay",
            fix=training_fix(
                "use nn.Dropout2d",
                Replace(path=op.path, code=f"nn.Dropout2d({arguments})"),
                possible=net.is_alone(op),
            ),
        )


RULE = ElementDropoutOnMaps
