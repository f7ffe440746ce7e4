"""CW103."""

from collections.abc import Iterator

from ....graph.failure import CallError
from ...edits import SetArguments
from ...failures import cause_of, compared, failed_layer
from ...finding import Finding, Fix, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...rule import Example, Rule


class ShapesThatDoNotFit(Rule):
    """A call gets tensors whose shapes do not go together.

    Why: the network stops there: channels that a convolution or norm does not have, branches of different sizes that
    are added or concatenated, a view with more or fewer elements than there are.

    Source: documentation of the torch call that refuses its arguments; Humbatova et al. 2020, "Taxonomy of Real Faults
    in Deep Learning Systems", lists wrong shapes among the faults of layers.

    Fix: the channels of a convolution or batch norm are set to those that arrive, unless it reads the network's input.
    """

    code, severity, reads_failures = "CW103", Severity.ERROR, True
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
        )
        """
    )
    good = bad.with_changes({"nn.Conv2d(32, 32": "nn.Conv2d(16, 32"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The call at which a network stops, where no other rule knows more of it."""
        failure = net.failure
        if failure is None or cause_of(failure) != "other":
            return
        fix = _channels(net, failure) or (suggestion(failure.hint) if failure.hint else None)
        yield self.finding(failure.call.path if failure.call else "", compared(failure), fix=fix)


def _channels(net: LintedNetwork, failure: CallError) -> Fix | None:
    call = failure.call
    if call is None or failed_layer(net, call) is None:
        return None
    came = call.args["input"]
    if call.kind.startswith("conv") and came.ndim == call.args["weight"].ndim and call.args["groups"] == 1:
        taken, argument = call.args["weight"].shape[0 if "transpose" in call.kind else 1], "in_channels"
    elif call.kind == "batch_norm" and call.args["running_mean"] is not None:
        taken, argument = call.args["running_mean"].shape[0], "num_features"
    else:
        return None
    if came.role == "input" or came.shape[1] == taken:
        return None
    return training_fix(
        f"set {argument}={came.shape[1]}", SetArguments(path=call.path, values={argument: came.shape[1]})
    )


RULE = ShapesThatDoNotFit
