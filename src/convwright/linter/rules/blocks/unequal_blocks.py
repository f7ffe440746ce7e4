"""CW511."""

from collections.abc import Iterator

from ....graph import Op
from ....units import size
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import is_dense_conv, is_map, is_pointwise, out_channels, spatial
from ...rule import Example, Rule

_MERGES = ("add", "cat", "stack")


class UnequalBlocks(Rule):
    """A stage of a plain network is not two to four convolutions of one width.

    Why: stages of equal layers leave few numbers to choose, which a search over depth and width can cover; a layer that
    differs from its neighbors should have a reason.

    Source: Nikanjam et al. 2021, "Automatic fault detection for deep learning programs using graph transformations"
    (NeuraLint, its rule of homogeneous blocks); Simonyan & Zisserman 2015, "Very deep convolutional networks", table 1.

    Off: VGG-11 has stages of one convolution, residual and searched networks have other blocks on purpose, and no
    measurement shows that equal ones are better.
    """

    code, severity, is_default = "CW511", Severity.ADVICE, False
    bad = Example(
        source="""
        def conv(c_in, c_out, stride=1):
            return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.features = nn.Sequential(conv(3, 32), conv(32, 32), conv(32, 64, 2), conv(64, 96), conv(96, 128))
                self.classifier = nn.Linear(128, 10)

            def forward(self, x):
                return self.classifier(self.features(x).mean((2, 3)))
        """,
        inputs=(2, 3, 16, 16),
    )
    good = bad.with_changes(
        {
            "conv(32, 64, 2), conv(64, 96), conv(96, 128)": "conv(32, 96, 2), conv(96, 96), conv(96, 96)",
            "nn.Linear(128, 10)": "nn.Linear(96, 10)",
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Every stage of a classifier without merges."""
        if not net.classifies or any(is_map(op.output) for op in net.ops_of(*_MERGES)):
            return
        stages: dict[tuple[int, ...], list[Op]] = {}
        for op in net.ops_of("conv2d"):
            if is_dense_conv(op) and not is_pointwise(op):
                stages.setdefault(spatial(op.output), []).append(op)
        for place, convs in stages.items():
            widths = list(dict.fromkeys(map(out_channels, convs)))
            if len(widths) > 1 or not 2 <= len(convs) <= 4:
                named = ", ".join(map(str, widths))
                yield self.finding(
                    convs[0],
                    f"begins a stage of {len(convs)} convolutions with {named} channels at {size(place)}",
                    fix=suggestion("make it two to four convolutions of one width"),
                )


RULE = UnequalBlocks
