"""CW102."""

from collections.abc import Iterator

from torch import nn

from ...edits import Replace
from ...failures import cause_of, compared, failed_layer
from ...finding import Finding, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...rule import Example, Rule


class WindowLargerThanMap(Rule):
    """A convolution or pool has a window that does not fit into its map, padding included.

    Why: there is no place to put the window, and torch stops. It happens to networks made for larger images: every
    stride in front has shrunk the map below the window that was meant for it.

    Source: Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", chapter 2: the output size
    floor((i + 2p - k) / s) + 1 would be below 1.

    Fix: an average pool is made global, which is what it does on the map it was written for.
    """

    code, severity, reads_failures = "CW102", Severity.ERROR, True
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
            nn.AvgPool2d(7),
            nn.Flatten(),
            nn.Linear(32, 10),
        )
        """,
        inputs=(2, 3, 8, 8),
    )
    good = bad.with_changes({"nn.AvgPool2d(7)": "nn.AdaptiveAvgPool2d(1)"})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The call at which a network stops, where its window is too large."""
        failure = net.failure
        if failure is None or failure.call is None or cause_of(failure) != "window":
            return
        path, fix = failure.call.path, suggestion(failure.hint)
        if isinstance(failed_layer(net, failure.call), nn.AvgPool2d):
            edit = Replace(path=path, code="nn.AdaptiveAvgPool2d(1)")
            fix = training_fix("pool globally, whatever the size of the map", edit)
        yield self.finding(path, compared(failure), fix=fix)


RULE = WindowLargerThanMap
