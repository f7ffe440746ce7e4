"""CW310."""

from collections.abc import Iterator
from math import prod

from ....graph import Op
from ...common_fixes import norm_after
from ...finding import Finding, Severity, training_fix
from ...linted_network import LintedNetwork
from ...patterns import ACTIVATIONS, AVERAGE_POOLS, CONVS, MAX_POOLS, RESHAPES, SILENT, is_depthwise, spatial
from ...rule import Example, Rule

_PASSED = frozenset((*ACTIVATIONS, *MAX_POOLS, *AVERAGE_POOLS)) | SILENT | RESHAPES


class ConvWithoutNorm(Rule):
    """A convolution has no batch norm before the next layer, while most have one.

    Why: one layer without a norm passes its own scale on and reacts to learning rate and start differently from the
    rest. It is usually a line forgotten.

    Source: Ioffe & Szegedy 2015, "Batch Normalization", section 3.2 (the norm goes before every nonlinearity).
    """

    code, severity = "CW310", Severity.ADVICE
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
        )
        """
    )
    good = bad.with_changes({"16, 3, padding=1),": "16, 3, padding=1, bias=False),\nnn.BatchNorm2d(16),"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Convolutions with a window that only activations and pools keep from the next layer."""
        convs = [op for op in net.ops_of("conv2d") if prod(spatial(op.output)) > 1 < min(op.args["kernel_size"])]
        readers = [(op, net.reader(op)) for op in convs]
        normed = sum(reader is not None and reader.kind == "batch_norm" for _, reader in readers)
        bare = [op for op, reader in readers if reader is not None and not is_depthwise(op) and _feeds_layer(op, net)]
        if normed <= len(bare):
            return
        for op in bare:
            yield self.finding(
                op,
                f"has no norm behind it, as {normed} of {len(convs)} convolutions with a window have",
                fix=training_fix("add a batch norm", *norm_after(op), possible=net.is_alone(op)),
            )


def _feeds_layer(op: Op, net: LintedNetwork) -> bool:
    reader = net.graph.sole_consumer(op)
    is_activated = False
    while reader is not None and reader.kind in _PASSED:
        is_activated = is_activated or reader.kind in ACTIVATIONS
        reader = net.graph.sole_consumer(reader)
    return reader is not None and is_activated and reader.kind in (*CONVS, "linear")


RULE = ConvWithoutNorm
