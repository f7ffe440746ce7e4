"""CW512."""

from collections.abc import Iterator

from ....units import count, percent
from ...finding import Finding, Gain, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import CONVS, is_map, out_channels
from ...rule import Example, Rule

_MANY = 20
_REDUCTION = 16
_ATTENTION = ("scaled_dot_product_attention", "multi_head_attention_forward", "softmax")


class NoSqueezeExcite(Rule):
    """A residual network of more than 20 convolutions weighs none of its channels by what the whole image shows.

    Why: a squeeze-excite in each block pools its map to one value a channel and gates the channels by them. It needs
    few parameters and hardly any MACs, and lets early layers know of the whole image.

    Source: Hu et al. 2018, "Squeeze-and-excitation networks", section 3 and table 2 (ResNets, with and without).
    """

    code, severity = "CW512", Severity.ADVICE
    bad = Example(
        source="""
        class Block(nn.Module):
            def __init__(self, c):
                super().__init__()
                self.conv1 = nn.Conv2d(c, c, 3, padding=1, bias=False)
                self.norm1 = nn.BatchNorm2d(c)
                self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
                self.norm2 = nn.BatchNorm2d(c)

            def forward(self, x):
                y = F.relu(self.norm1(self.conv1(x)))
                return F.relu(x + self.norm2(self.conv2(y)))


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU())
                self.blocks = nn.Sequential(*[Block(32) for _ in range(10)])
                self.classifier = nn.Linear(32, 10)

            def forward(self, x):
                return self.classifier(self.blocks(self.stem(x)).mean((2, 3)))
        """,
        inputs=(2, 3, 80, 80),
    )
    good = Example(
        source="""
        class Block(nn.Module):
            def __init__(self, c):
                super().__init__()
                self.conv1 = nn.Conv2d(c, c, 3, padding=1, bias=False)
                self.norm1 = nn.BatchNorm2d(c)
                self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
                self.norm2 = nn.BatchNorm2d(c)
                self.gate = nn.Sequential(
                    nn.AdaptiveAvgPool2d(1), nn.Conv2d(c, c // 4, 1), nn.ReLU(), nn.Conv2d(c // 4, c, 1), nn.Sigmoid()
                )

            def forward(self, x):
                y = F.relu(self.norm1(self.conv1(x)))
                y = self.norm2(self.conv2(y))
                return F.relu(x + y * self.gate(y))


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU())
                self.blocks = nn.Sequential(*[Block(32) for _ in range(10)])
                self.classifier = nn.Linear(32, 10)

            def forward(self, x):
                return self.classifier(self.blocks(self.stem(x)).mean((2, 3)))
        """,
        inputs=(2, 3, 80, 80),
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The network as a whole."""
        adds = [op for op in net.residual_adds if is_map(op.output)]
        num_convs = len(net.ops_of(*CONVS))
        if not net.classifies or not adds or num_convs <= _MANY or len(adds) < num_convs / 6:
            return
        if net.analysis.fields.global_gates or net.ops_of(*_ATTENTION):
            return
        more = sum(2 * out_channels(op) * max(out_channels(op) // _REDUCTION, 8) for op in adds)
        yield self.finding(
            "",
            f"gates no channels in its {len(adds)} residual blocks: squeeze-excites that squeeze {_REDUCTION}-fold "
            f"need {count(more)} parameters ({percent(more / net.analysis.parameters.total)} more)",
            gain=Gain(parameters=-more, macs=-more),
            fix=suggestion("end each residual branch in a squeeze-excite"),
        )


RULE = NoSqueezeExcite
