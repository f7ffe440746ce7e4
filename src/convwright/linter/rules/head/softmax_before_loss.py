"""CW601."""

from collections.abc import Iterator
from math import exp, log

from ...common_fixes import without
from ...finding import Finding, Safety, Severity
from ...linted_network import LintedNetwork
from ...patterns import RESHAPES, SILENT
from ...rule import Example, Rule


class SoftmaxBeforeLoss(Rule):
    """A classifier ends in softmax and is trained with cross-entropy, which applies softmax itself.

    Why: the loss then sees scores from 0 to 1 only. It cannot come near zero however sure the network is, and gradients
    are small where they are needed. The network trains, slowly and to a worse end.

    Source: documentation of `torch.nn.CrossEntropyLoss` (unnormalized logits are expected); the floor of the loss is
    arithmetic: ln(1 + (classes - 1) / e).

    Fix: probabilities, where they are wanted, are one softmax after the network.
    """

    code, severity = "CW601", Severity.ERROR
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 10),
            nn.Softmax(dim=1),
        )
        """
    )
    good = bad.with_changes({"nn.Softmax(dim=1),": ""})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """A softmax that nothing but reshaping keeps from the output, in training mode too."""
        if net.settings.loss != "cross-entropy":
            return
        kept = [op for op in net.after_logits if op.kind not in SILENT | RESHAPES]
        if not kept or not net.runs_in_training(kept[-1]):
            return
        last = kept[-1]
        classes = last.output.shape[1]
        if last.kind == "softmax":
            floor = log(1 + (classes - 1) * exp(-1))
            yield self.finding(
                last,
                f"makes probabilities of the {classes} logits, and cross-entropy does so again: "
                f"the loss cannot fall below {floor:.2f}",
                fix=without(last, net, Safety.CHANGES_TRAINING),
            )
        elif last.kind == "log_softmax":
            yield self.finding(
                last,
                f"is applied to the {classes} logits, and cross-entropy does so again: once is enough",
                fix=without(last, net, Safety.CHANGES_TRAINING),
                severity=Severity.ADVICE,
            )


RULE = SoftmaxBeforeLoss
