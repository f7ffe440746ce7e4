"""Compound scaling: whether to spend more work on depth, width and resolution together.

Question: of four networks that do four times the work of a small one, by its depth, its width, the size of its images
or all three, which is the most accurate?

Expectation: each alone is better than the small one, by less the further it goes (Tan and Le 2019, "EfficientNet:
rethinking model scaling for convolutional neural networks", section 3.2), and all three together are the best (section
3.3).

The small network is a residual one of 14 layers that gets images of 16 pixels, halved from 32: scaling the resolution
by two gives it all there is. The compound arm has about what the paper's coefficients give at phi = 2, which are 1.44
in depth, 1.21 in width and 1.32 in resolution; as its images have to be halved twice, they are of 20 pixels, and its
width makes up for that. The paper scales networks that are trained to the end, on larger images; a few passes over a
small set favor what learns fast, which 50 layers do not.

Command: `convwright study run compound-scaling`. Time: quick about 6 minutes on 2 cores, reckoned from a run
of every arm.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from ...models import build
from ..measures import TRAIN_ACCURACY
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Expectation, Study

CHANNELS, SIZE_PX = (8, 16, 32), 16


class Resized(nn.Module):
    """A network that gets its images at another size.

    Shape: (N, C, H, W) -> what the network gives for (N, C, size_px, size_px).
    """

    def __init__(self, net: nn.Module, size_px: int) -> None:
        super().__init__()
        self.net, self.size_px = net, size_px

    def forward(self, x: Tensor) -> Tensor:
        """Resize `x`, each new pixel from all that it covers."""
        size = (self.size_px, self.size_px)
        return self.net(F.interpolate(x, size, mode="bilinear", antialias=True))  # type: ignore[no-any-return]


def scaled(
    *, num_classes: int, in_channels: int, seed: int, depth: float = 1.0, width: float = 1.0, resolution: float = 1.0
) -> nn.Module:
    """The small network, deeper, wider (not in steps of 8 channels, as it has so few) and on larger images."""
    channels = tuple(round(each * width) for each in CHANNELS)
    net = build(
        "resnet20", num_classes=num_classes, in_channels=in_channels, seed=seed,
        blocks=(2, 2, 2), depth=depth, channels=channels, stem_channels=channels[0],
    )  # fmt: skip
    return Resized(net, round(SIZE_PX * resolution))


def scaling(
    name: str, claim: str, expected: Expectation | None = None, *, unequal: tuple[str, ...] = (), **multipliers: float
) -> Arm:
    """The arm with these multipliers."""
    return Arm(name=name, claim=claim, model=scaled, options=multipliers, unequal=unequal, expected=expected)


STUDY = Study(
    name="compound-scaling",
    question="With four times the work to spend, is it better spent on depth, width and resolution together?",
    expectation="Together is better than on any one of them, and each of these better than not at all.",
    source="Tan and Le 2019, sections 3.2 and 3.3",
    arms=(
        scaling("compound", "20 layers, a third wider, 20 pixels", depth=1.44, width=1.31, resolution=1.25),
        # A little narrower than the small network: four times its blocks are a little more than four times its work.
        scaling("depth", "50 layers instead of 14", "worse", depth=4.0, width=0.97),
        scaling("width", "twice as wide", "worse", width=2.0),
        scaling("resolution", "32 pixels instead of 16", "worse", resolution=2.0),
        scaling("small", "what is scaled: a quarter of the work", "worse", unequal=("macs",)),
    ),
    baseline="compound",
    recipe=ONE_CYCLE,
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="6 minutes on 2 cores", seeds=8, changes=("epochs=5", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=8),
    },
    measures=(TRAIN_ACCURACY,),
    hold_equal={"macs": 0.05},
)
