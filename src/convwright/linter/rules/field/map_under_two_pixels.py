"""CW202."""

from collections.abc import Iterator
from math import prod

from ....graph import Op
from ....units import count, size
from ...finding import Finding, Gain, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import is_map, window
from ...rule import Example, Rule


class MapUnderTwoPixels(Rule):
    """Convolutions with a window work on a map of one position.

    Why: at 1x1 a 3x3 kernel multiplies its middle with the map and the other eight weights with padding: they cost
    memory and time, get no gradient, and the layer is a 1x1 convolution. The image is too small for that many strides.

    Source: Window arithmetic; Richter et al. 2021, "(Input) Size Matters for CNN Classifiers", on networks whose layers
    outgrow the image.
    """

    code, severity = "CW202", Severity.WARNING
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
        )
        """,
        inputs=(2, 3, 8, 8),
    )
    good = bad.with_changes({"nn.MaxPool2d(2),": ""})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """All windows on a single position, as one finding at the first."""
        found = [op for op in net.ops_of("conv2d") if _is_alone(op)]
        if not found:
            return
        kernel = found[0].args["kernel_size"]
        weights = [op.args["weight"] for op in found]
        idle = sum(weight.numel - weight.shape[0] * weight.shape[1] for weight in weights)
        many = f", the first of {len(found)}," if len(found) > 1 else ""
        yield self.finding(
            found[0],
            f"puts a {size(kernel)} kernel{many} on a 1x1 map, where {count(idle)} weights see only padding",
            gain=Gain(parameters=idle, macs=idle),
            fix=suggestion("use larger images or fewer strides, or 1x1 kernels there"),
        )


def _is_alone(op: Op) -> bool:
    """Return True if a window larger than one position, padded, stands on one position and makes one."""
    if not is_map(op.input) or prod(op.input.shape[2:]) > 1 or prod(op.output.shape[2:]) > 1:
        return False
    return max(window(op)) > 1 and op.args["weight"].role == "parameter"


RULE = MapUnderTwoPixels
