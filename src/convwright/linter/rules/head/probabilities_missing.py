"""CW602."""

from collections.abc import Iterator

from ....graph import Op
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import LINEAR, RESHAPES
from ...rule import Example, Rule
from ...settings import Settings

# What each loss needs as the last op, and the loss that takes logits.
_NEEDS = {"nll": ("log_softmax", "cross-entropy"), "bce": ("sigmoid", "bce-with-logits")}


class ProbabilitiesMissing(Rule):
    """The loss expects probabilities, and the network gives something else.

    Why: negative log-likelihood of raw scores has no minimum: it falls forever as scores grow. Binary cross-entropy
    takes the logarithm of its input and raises an error outside of 0 to 1. The losses that take logits are also exact
    where probabilities round to 0 or 1.

    Source: documentation of `torch.nn.NLLLoss`, `torch.nn.BCELoss` and `torch.nn.BCEWithLogitsLoss`.
    """

    code, severity = "CW602", Severity.ERROR
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 10),
        )
        """,
        settings=Settings(loss="nll"),
    )
    good = bad.with_changes({"nn.Linear(8, 10),": "nn.Linear(8, 10),\nnn.LogSoftmax(dim=1),"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """A linear op at the end, or the other kind of probability."""
        needed, instead = _NEEDS.get(net.settings.loss, ("", ""))
        outputs = tuple(net.graph.outputs.values())
        if not needed or len(outputs) != 1:
            return
        last = net.producer(outputs[0], through=RESHAPES)
        if last is None or not net.runs_in_training(last):
            return
        what = _given(last, needed)
        if what:
            yield self.finding(
                last,
                f"gives {what}, where loss {net.settings.loss} needs {needed}",
                fix=suggestion(f"train the raw scores with {instead}"),
            )


def _given(last: Op, needed: str) -> str:
    if last.kind in LINEAR:
        return "raw scores"
    if needed == "log_softmax" and last.kind in ("softmax", "sigmoid"):
        return "probabilities without their logarithm"
    return "logarithms" if needed == "sigmoid" and last.kind in ("log_softmax", "logsigmoid") else ""


RULE = ProbabilitiesMissing
