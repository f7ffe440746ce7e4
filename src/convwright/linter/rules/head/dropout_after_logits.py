"""CW604."""

from collections.abc import Iterator

from ...common_fixes import without
from ...finding import Finding, Safety, Severity
from ...linted_network import LintedNetwork
from ...patterns import DROPOUTS, RESHAPES, SILENT
from ...rule import Example, Rule

_PASSED = RESHAPES | SILENT | {"softmax", "log_softmax"}


class DropoutAfterLogits(Rule):
    """Dropout is applied to the scores of a classifier.

    Why: while training, the score of the right class is set to zero now and then whatever the network has seen, so the
    loss has noise that nothing can learn away. Dropout is meant for features, before the last layer.

    Source: Srivastava et al. 2014, "Dropout", section 4 (applied to the inputs of layers, not to outputs).
    """

    code, severity = "CW604", Severity.WARNING
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 10),
            nn.Dropout(0.2),
        )
        """
    )
    good = bad.with_changes({"nn.Linear(8, 10),\nnn.Dropout(0.2),": "nn.Dropout(0.2),\nnn.Linear(8, 10),"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """A dropout that only reshaping and softmax keep from the logits; maps are no logits before they are pooled."""
        for op in net.after_logits:
            if op.kind in DROPOUTS and op.args["p"] > 0 and net.logits is not None and net.logits.kind == "linear":
                yield self.finding(
                    op,
                    f"sets each of the {op.output.shape[-1]} scores to 0 with probability {op.args['p']:g} in training",
                    fix=without(op, net, Safety.CHANGES_TRAINING),
                )
            elif op.kind not in _PASSED:
                return


RULE = DropoutAfterLogits
