"""CW603."""

from collections.abc import Iterator
from math import exp, log

from ....graph import Op
from ...common_fixes import without
from ...finding import Finding, Safety, Severity
from ...linted_network import LintedNetwork
from ...patterns import ACTIVATIONS, RESHAPES
from ...rule import Example, Rule

# A width that is a multiple of this is more likely that of features, which may well end in an activation.
_FEATURES = 32
_RANGES = {"sigmoid": (0, 1), "hardsigmoid": (0, 1), "tanh": (-1, 1), "softsign": (-1, 1), "relu6": (0, 6)}


class ActivationOnLogits(Rule):
    """A classifier ends in an activation, and its loss expects logits.

    Why: softmax and sigmoid, inside the loss, need scores of any size and sign. After a ReLU all classes of negative
    score are equal and get no gradient; after a sigmoid or tanh the loss cannot come near zero.

    Source: documentation of `torch.nn.CrossEntropyLoss` and `torch.nn.BCEWithLogitsLoss` (unnormalized logits); the
    floor of the loss is arithmetic: ln(1 + (classes - 1) / e^range).
    """

    code, severity = "CW603", Severity.ERROR
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 10),
            nn.ReLU(),
        )
        """
    )
    good = bad.with_changes({"nn.Linear(8, 10),\nnn.ReLU(),": "nn.Linear(8, 10),"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """An activation that nothing but reshaping keeps from the output, in training mode too."""
        if net.settings.loss not in ("cross-entropy", "bce-with-logits"):
            return
        kept = [op for op in net.after_logits if op.kind not in RESHAPES]
        if not kept or kept[-1].kind not in ACTIVATIONS or not net.runs_in_training(kept[-1]):
            return
        last, classes = kept[-1], kept[-1].output.shape[1]
        if classes % _FEATURES == 0 or (classes == 1 and net.settings.loss == "cross-entropy"):
            return  # one score is not trained with cross-entropy, whatever the settings say
        yield self.finding(
            last,
            f"applies {last.kind} to the {classes} logits: {_cost(last, classes, net)}",
            fix=without(last, net, Safety.CHANGES_TRAINING),
        )


def _cost(op: Op, classes: int, net: LintedNetwork) -> str:
    if op.kind not in _RANGES:
        return f"{net.settings.loss} expects scores of any size and sign"
    low, high = _RANGES[op.kind]
    if net.settings.loss == "cross-entropy":
        floor = log(1 + (classes - 1) * exp(low - high))
        return f"with scores from {low} to {high} cross-entropy cannot fall below {floor:.2g}"
    return f"{net.settings.loss} sees scores from {low} to {high} only"


RULE = ActivationOnLogits
