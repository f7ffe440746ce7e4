"""CW401."""

from collections.abc import Iterator

from ....units import count, size
from ...finding import Finding, Severity
from ...flattened_head import flattened_head, pool_globally, saved_by_pooling
from ...linted_network import LintedNetwork
from ...rule import Example, Rule

_FEW = 100_000  # a head this small costs nothing, whatever its share


class HeadHoldsMostParameters(Rule):
    """Linear layers that read every position of the last map hold more than half of the network's parameters.

    Why: a linear layer on a flattened map has a weight for every channel at every position. These weights are stored,
    updated and overfitted, they tie the network to one input size, and a mean over the positions does as well: what
    is where hardly matters for the class.

    Source: Lin et al. 2014, "Network in Network", section 3.2 (global average pooling); Simonyan & Zisserman 2015,
    "Very deep convolutional networks", table 1, as the example: the linear layers of VGG-16 hold 89 % of its
    parameters.

    Fix: pools globally before the first linear layer, which is trained anew.
    """

    code, severity = "CW401", Severity.WARNING
    bad = Example(
        source="""
        def conv(c_in, c_out, stride=1):
            return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.features = nn.Sequential(conv(3, 16), conv(16, 32, 2), conv(32, 32), conv(32, 64, 2), conv(64, 64))
                self.flatten = nn.Flatten()
                self.hidden = nn.Linear(64 * 4 * 4, 128)
                self.classifier = nn.Linear(128, 10)

            def forward(self, x):
                return self.classifier(F.relu(self.hidden(self.flatten(self.features(x)))))
        """,
        inputs=(2, 3, 16, 16),
    )
    good = bad.with_changes(
        {
            (
                "self.flatten = nn.Flatten()\n"
                "self.hidden = nn.Linear(64 * 4 * 4, 128)\n"
                "self.classifier = nn.Linear(128, 10)"
            ): "self.classifier = nn.Linear(64, 10)",
            "F.relu(self.hidden(self.flatten(self.features(x))))": "self.features(x).mean((2, 3))",
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The one head of the network."""
        head, total = flattened_head(net), net.analysis.parameters.total
        if head is None or head.parameters <= max(total / 2, _FEW):
            return
        yield self.finding(
            head.first,
            f"reads all {size(head.size)} positions of {head.channels} channels: "
            f"{count(head.parameters)} of {count(total)} parameters are in the linear layers from here on",
            gain=saved_by_pooling(head),
            fix=pool_globally(head, net),
        )


RULE = HeadHoldsMostParameters
