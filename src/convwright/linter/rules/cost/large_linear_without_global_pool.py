"""CW406."""

from collections.abc import Iterator

from ....units import count, size
from ...finding import Finding, Severity
from ...flattened_head import flattened_head, pool_globally, saved_by_pooling
from ...linted_network import LintedNetwork
from ...rule import Example, Rule

_MANY = 1_000_000


class LargeLinearWithoutGlobalPool(Rule):
    """Linear layers that read every position of the last map hold over a million parameters, if not most of them.

    Why: a mean over the positions before the first linear layer saves all of its weights but those of one position,
    and lets the network take images of any size.

    Source: Lin et al. 2014, "Network in Network", section 3.2 (global average pooling).

    Fix: pools globally before the first linear layer, which is trained anew.
    """

    code, severity = "CW406", Severity.ADVICE
    bad = Example(
        source="""
        def conv(c_in, c_out, stride=1):
            return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.features = nn.Sequential(
                    conv(3, 64), conv(64, 128, 2), conv(128, 128), conv(128, 256, 2), conv(256, 256)
                )
                self.flatten = nn.Flatten()
                self.classifier = nn.Linear(256 * 4 * 4, 250)

            def forward(self, x):
                return self.classifier(self.flatten(self.features(x)))
        """,
        inputs=(2, 3, 16, 16),
    )
    good = bad.with_changes(
        {
            "self.flatten = nn.Flatten()\nself.classifier = nn.Linear(256 * 4 * 4": "self.classifier = nn.Linear(256",
            "self.flatten(self.features(x))": "self.features(x).mean((2, 3))",
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The one head of the network, unless it is most of it (CW401)."""
        head, total = flattened_head(net), net.analysis.parameters.total
        if head is None or not _MANY < head.parameters <= total / 2:
            return
        gain = saved_by_pooling(head)
        yield self.finding(
            head.first,
            f"reads all {size(head.size)} positions of {head.channels} channels: "
            f"pooled globally before, it needs {count(gain.parameters)} fewer of {count(total)} parameters",
            gain=gain,
            fix=pool_globally(head, net),
        )


RULE = LargeLinearWithoutGlobalPool
