"""CW101."""

from collections.abc import Iterator

from torch import nn

from ...edits import SetArguments
from ...failures import cause_of, compared, failed_layer
from ...finding import Finding, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...rule import Example, Rule


class WrongInFeatures(Rule):
    """A linear layer gets another number of features than it takes.

    Why: the network stops with "mat1 and mat2 shapes cannot be multiplied" as soon as it is called. The number depends
    on every layer and on the size of the image, so it is best taken from what really arrives, or made independent of
    the image by a global pool.

    Source: documentation of torch.nn.Linear (the last axis of the input holds in_features values); Humbatova et al.
    2020, "Taxonomy of Real Faults in Deep Learning Systems", lists wrong shapes among the faults of layers.

    Fix: in_features is set to what arrives where that is a table of features; a map that was never flattened is left
    to its author.
    """

    code, severity, reads_failures = "CW101", Severity.ERROR, True
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(64, 10),
        )
        """,
        inputs=(2, 3, 8, 8),
    )
    good = bad.with_changes({"nn.Linear(64, 10)": "nn.Linear(32, 10)"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The call at which a network stops, where that is a linear layer's."""
        failure = net.failure
        if failure is None or failure.call is None or cause_of(failure) != "features":
            return
        call, fix = failure.call, suggestion(failure.hint)
        came = call.args["input"]
        if came.ndim == 2 and isinstance(failed_layer(net, call), nn.Linear):
            edit = SetArguments(path=call.path, values={"in_features": came.shape[1]})
            fix = training_fix(f"set in_features={came.shape[1]}", edit)
        yield self.finding(call.path, compared(failure), fix=fix)


RULE = WrongInFeatures
