"""CW403."""

from collections.abc import Iterator

from ....analysis.roofline import bytes_moved
from ....units import bytes_, count
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import is_depthwise, is_pointwise
from ...rule import Example, Rule

_MACS_PER_BYTE = 4


class LowMacsHighTraffic(Rule):
    """A network built on depthwise convolutions computes little for each byte of activations that it moves.

    Why: a depthwise convolution, a norm or an activation reads and writes a whole map for few operations, so that the
    device waits for memory. Such a network is slower than its MACs promise, next to one of dense convolutions.

    Source: Ma et al. 2018, "ShuffleNet V2: practical guidelines for efficient CNN architecture design", section 2
    (memory access cost, fragmentation, element-wise operations); Williams et al. 2009, "Roofline".
    """

    code, severity = "CW403", Severity.ADVICE
    bad = Example(
        source="""
        def conv(c_in, c_out, kernel=1, stride=1, groups=1):
            layer = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, groups=groups, bias=False)
            return nn.Sequential(layer, nn.BatchNorm2d(c_out), nn.ReLU())


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stem = conv(3, 32, kernel=3, stride=2)
                self.block = nn.Sequential(conv(32, 32, kernel=3, groups=32), conv(32, 64))
                self.down = nn.Sequential(conv(64, 64, kernel=3, stride=2, groups=64), conv(64, 128))
                self.last = nn.Sequential(conv(128, 128, kernel=3, groups=128), conv(128, 128))
                self.classifier = nn.Linear(128, 10)

            def forward(self, x):
                return self.classifier(self.last(self.down(self.block(self.stem(x)))).mean((2, 3)))
        """,
        inputs=(2, 3, 16, 16),
    )
    good = Example(
        source="""
        def conv(c_in, c_out, stride=1):
            return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stem = conv(3, 32, stride=2)
                self.block = conv(32, 64)
                self.down = conv(64, 128, stride=2)
                self.last = conv(128, 128)
                self.classifier = nn.Linear(128, 10)

            def forward(self, x):
                return self.classifier(self.last(self.down(self.block(self.stem(x)))).mean((2, 3)))
        """,
        inputs=(2, 3, 16, 16),
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The network as a whole."""
        windows = [op for op in net.ops_of("conv2d") if not is_pointwise(op)]
        if not net.classifies or 2 * sum(map(is_depthwise, windows)) < max(len(windows), 1):
            return
        weights = sum(tensor.nbytes for op in net.graph for tensor in {*op.inputs} if tensor.role == "parameter")
        moved = sum(map(bytes_moved, net.graph)) - weights
        macs = net.analysis.macs.macs
        if macs >= _MACS_PER_BYTE * moved:
            return
        yield self.finding(
            "",
            f"moves {bytes_(moved // net.batch_size)} of activations through {len(net.graph.ops)} ops for "
            f"{count(macs // net.batch_size, 'MACs')} an image, {macs / moved:.1f} MACs a byte: "
            f"measure its latency, its MACs do not foretell it",
            fix=suggestion("compare its latency with that of fewer, dense convolutions"),
        )


RULE = LowMacsHighTraffic
