"""CW303."""

from collections.abc import Iterator

from ....graph import Op
from ...common_fixes import without
from ...finding import Finding, Gain, Safety, Severity
from ...linted_network import LintedNetwork
from ...patterns import AVERAGE_POOLS, DROPOUTS, MAX_POOLS, RESHAPES, SILENT
from ...rule import Example, OpRule

_NEGATIVE_FREE = frozenset(("relu", "relu6", "sigmoid", "hardsigmoid", "softmax", "softplus"))
_WITHIN_SIX = frozenset(("relu6", "sigmoid", "hardsigmoid", "softmax"))
# Activations that leave alone what the ones before them can make.
_IDLE_AFTER = {"relu": _NEGATIVE_FREE, "leaky_relu": _NEGATIVE_FREE, "prelu": _NEGATIVE_FREE, "relu6": _WITHIN_SIX}
_SMOOTH = frozenset(("elu", "selu", "celu", "gelu", "silu", "mish", "hardswish", "sigmoid", "tanh", "hardsigmoid"))
# Ops that make nothing smaller or larger than what they read; dropout scales, or puts in values of its own.
_KEEP_RANGE = (SILENT | RESHAPES | {*MAX_POOLS, *AVERAGE_POOLS}) - set(DROPOUTS)


class DoubledActivation(OpRule):
    """An activation follows an activation.

    Why: a ReLU of what is not negative does nothing but take time and, unless it is in place, memory for a copy. A
    smooth activation applied twice is flatter than once, and rarely meant.

    Source: Nikanjam et al. 2021, "Automatic fault detection for deep learning programs using graph transformations"
    (NeuraLint), whose catalog lists redundant activations; idle by arithmetic: max(0, max(0, x)) = max(0, x).

    Fix: where the second one does nothing, outputs stay the same.
    """

    code, severity = "CW303", Severity.WARNING
    kinds = (*_IDLE_AFTER, *sorted(_SMOOTH))
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.ReLU(),
        )
        """
    )
    good = bad.with_changes({"nn.MaxPool2d(2),\nnn.ReLU(),": "nn.MaxPool2d(2),"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """One that reads, through ops that keep the range, what another made."""
        first = net.graph.producer(op.input)
        is_next = True
        while first is not None and first.kind in _KEEP_RANGE:
            is_next = is_next and first.kind in SILENT
            first = net.graph.producer(first.input)
        if first is None:
            return
        if first.kind in _IDLE_AFTER.get(op.kind, ()):
            saved = 0 if op.is_inplace or not is_next else op.output.nbytes // net.batch_size
            yield self.finding(
                op,
                f"does nothing: what it reads comes from the {_named(first, net)} and is in its range already",
                fix=without(op, net, Safety.SAME_OUTPUT),
                gain=Gain(activation_bytes=saved),
            )
        elif is_next and op.kind in _SMOOTH and first.kind == op.kind:
            yield self.finding(
                op,
                f"applies {op.kind} a second time, right after the {_named(first, net)}",
                fix=without(op, net, Safety.CHANGES_TRAINING),
            )


def _named(op: Op, net: LintedNetwork) -> str:
    if net.layer(op) is not None:
        return f"{op.kind} `{op.path}`"
    return f"{op.kind} of {op.place.line_words}" if op.place else op.kind


RULE = DoubledActivation
