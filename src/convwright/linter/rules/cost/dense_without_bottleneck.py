"""CW404."""

from collections.abc import Iterator
from math import prod

from ....graph import Op
from ....units import bytes_, count
from ...finding import Finding, Gain, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import ACTIVATIONS, NORMS, in_channels, is_dense_conv, out_channels, spatial
from ...rule import Example, Rule

_WIDENING = 4  # channels of the bottleneck for each channel that is added: Huang et al. 2017, section 3


class DenseWithoutBottleneck(Rule):
    """A densely connected block reads all of its earlier maps with wide windows, without a 1x1 bottleneck before them.

    Why: the concatenation grows with every layer, and each 3x3 convolution reads all of it at nine weights a channel;
    the concatenated maps, and their norms, are kept for the backward pass, which grows with the square of the depth.
    A 1x1 convolution to four times the growth first makes the wide window's cost independent of the depth.

    Source: Huang et al. 2017, "Densely connected convolutional networks", section 3 (bottleneck layers, DenseNet-B).
    """

    code, severity = "CW404", Severity.ADVICE
    bad = Example(
        source="""
        class Layer(nn.Module):
            def __init__(self, channels):
                super().__init__()
                self.norm = nn.BatchNorm2d(channels)
                self.conv = nn.Conv2d(channels, 8, 3, padding=1, bias=False)

            def forward(self, x):
                return torch.cat([x, self.conv(F.relu(self.norm(x)))], 1)


        class Net(nn.Sequential):
            def __init__(self):
                stem = nn.Conv2d(3, 64, 3, padding=1, bias=False)
                super().__init__(stem, Layer(64), Layer(72), Layer(80), Layer(88), nn.BatchNorm2d(96), nn.ReLU())
        """
    )
    good = bad.with_changes(
        {
            "self.conv = nn.Conv2d(channels, 8": (
                "self.bottleneck = nn.Conv2d(channels, 32, 1, bias=False)\n"
                "self.norm2 = nn.BatchNorm2d(32)\n"
                "self.conv = nn.Conv2d(32, 8"
            ),
            "return torch.cat([x, self.conv(F.relu(self.norm(x)))], 1)": (
                "narrow = self.bottleneck(F.relu(self.norm(x)))\n"
                "return torch.cat([x, self.conv(F.relu(self.norm2(narrow)))], 1)"
            ),
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """All layers of the network that read three concatenations or more in a row."""
        wide = [op for op in map(net.graph.ops.__getitem__, _dense_reads(net)) if _saved(op) > 0]
        if len(wide) < 2:
            return
        saved = sum(_saved(op) for op in wide)
        macs = sum(_saved(op) * prod(spatial(op.output)) for op in wide)
        kept = sum(tensor.nbytes for tensor in {op.input for op in wide}) // net.batch_size
        widest = max(map(in_channels, wide))
        yield self.finding(
            wide[0],
            f"is one of {len(wide)} dense layers that read up to {widest} concatenated channels with a wide window, "
            f"{bytes_(kept)} of inputs an image: 1x1 bottlenecks save {count(saved)} weights and "
            f"{count(macs, 'MACs')}",
            gain=Gain(parameters=saved, macs=macs),
            fix=suggestion(f"put a 1x1 convolution to {_WIDENING} times the growth before each wide window"),
        )


def _dense_reads(net: LintedNetwork) -> list[int]:
    """Indices of the convolutions with a window that read a concatenation of a chain."""
    found = []
    for cat in _chained(net):
        readers = [cat]
        while readers:
            op = readers.pop()
            if op.kind == "conv2d":
                found.append(op.index)
            elif op is cat or op.kind in NORMS or op.kind in ACTIVATIONS:
                readers += net.readers(op)
    return found


def _chained(net: LintedNetwork) -> list[Op]:
    """The concatenations that hold all of the one before, where three or more follow each other so."""
    chains: list[list[Op]] = []
    for op in net.ops_of("cat"):
        if op.args["dim"] == 1 and op.output.ndim == 4:
            last = chains[-1][-1] if chains else None
            if last is not None and (last.output in op.inputs or set(last.inputs) < set(op.inputs)):
                chains[-1].append(op)
            else:
                chains.append([op])
    return [op for chain in chains if len(chain) >= 3 for op in chain]


def _saved(op: Op) -> int:
    """Weights saved by a bottleneck before a convolution."""
    window: int = prod(op.args["kernel_size"])
    c_in, growth = in_channels(op), out_channels(op)
    if not is_dense_conv(op) or window == 1:
        return 0
    return window * c_in * growth - _WIDENING * growth * (c_in + window * growth)


RULE = DenseWithoutBottleneck
