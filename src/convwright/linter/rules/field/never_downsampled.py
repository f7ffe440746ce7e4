"""CW205."""

from collections.abc import Iterator

from ....units import bytes_, size
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import CONVS
from ...rule import Example, Rule

SMALLEST_PX = 32
LEAST_WINDOWS = 3


class NeverDownsampled(Rule):
    """A classifier of images keeps their full resolution up to its head.

    Why: every layer computes and keeps as many positions as the image has pixels, and the receptive field grows by one
    kernel a layer only. One stride of 2 leaves a quarter of the positions, and doubles the growth behind it.

    Source: Window arithmetic; Nikanjam et al. 2021, "Automatic Fault Detection for Deep Learning Programs Using Graph
    Transformations" (NeuraLint), whose rules ask for pooling or strides.
    """

    code, severity = "CW205", Severity.WARNING
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(32, 10),
        )
        """
    )
    good = bad.with_changes(
        {"nn.Conv2d(16, 16, 3": "nn.Conv2d(16, 16, 3, stride=2", "nn.Conv2d(16, 32, 3": "nn.Conv2d(16, 32, 3, stride=2"}
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """A jump of 1 at the last map, behind several convolutions."""
        last = net.last_map
        if not net.classifies or last is None or min(net.image_px) < SMALLEST_PX:
            return
        windows = [op for op in net.ops_of(*CONVS) if max(op.args["kernel_size"]) > 1]
        if len(windows) < LEAST_WINDOWS or any(jump != 1 for jump in net.analysis.fields.jump_px):
            return
        kept = net.analysis.memory.activation_bytes / net.batch_size
        yield self.finding(
            windows[len(windows) // 2],
            f"still works on {size(windows[len(windows) // 2].output.shape[2:])} of {size(net.image_px)} px, as all "
            f"{len(windows)} convolutions do: training keeps {bytes_(kept)} for each image",
            fix=suggestion("give one of the convolutions, or a pool, a stride of 2"),
        )


RULE = NeverDownsampled
