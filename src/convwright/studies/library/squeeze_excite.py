"""Squeeze-excite: whether weighting channels by what the whole map holds is worth its parameters.

Question: does squeeze-excite make a residual network more accurate at equal cost, and because it looks at the map?

Expectation: it does, nearly for free, also in residual networks on CIFAR-10 (Hu et al. 2018, "Squeeze-and-excitation
networks"). The course says to consider it. One arm has gates that are learned, but do not look at the map: what it
gains is not due to the squeeze.

Reduction is by how much the squeeze narrows; the paper's 16 leaves one or two channels of a network as narrow as this.
At quick an arm trains for seven epochs on 4,500 images, and still learns when it stops: what is told is how fast it
learns. A gate halves its branch at first; the paper trains far longer.

Command: `convwright study run squeeze-excite`. Time: quick about 5 minutes on 2 cores, reckoned from a run
of every arm.
"""

from typing import Any

import torch
from torch import Tensor, nn

from ...layers import BasicBlock
from ...models import build
from ..measures import TRAIN_ACCURACY
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Study

SMALL: dict[str, Any] = {"blocks": (1, 1, 1), "width": 0.5}


class FixedGate(nn.Module):
    """x * sigmoid(weight): one weight a channel, the same for every image.

    Shape: (N, C, H, W) -> (N, C, H, W).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Weight the channels of `x`."""
        return x * self.weight.sigmoid()[:, None, None]


def fixed_gates(*, num_classes: int, in_channels: int, seed: int) -> nn.Module:
    """The network with a gate at the end of every residual branch that does not look at the map."""
    model = build("se_resnet20", num_classes=num_classes, in_channels=in_channels, seed=seed, **SMALL)
    blocks: Any = [each for each in model.modules() if isinstance(each, BasicBlock)]
    for block in blocks:
        block.residual.se = FixedGate(block.residual.se.fc2.out_channels)
    return model


STUDY = Study(
    name="squeeze-excite",
    question="Does squeeze-excite make a residual network more accurate at equal cost?",
    expectation="Yes, with either reduction; gates that do not look at the map bring nothing.",
    source="Hu et al. 2018",
    arms=(
        Arm(name="none", claim="residual blocks as they are", model="resnet20", options=SMALL),
        Arm(
            name="reduction-16",
            claim="squeeze-excite as narrow as the paper has it",
            model="se_resnet20",
            options={**SMALL, "se_ratio": 1 / 16},
            expected="better",
        ),
        Arm(
            name="reduction-4",
            claim="squeeze-excite of a quarter of the channels",
            model="se_resnet20",
            options={**SMALL, "se_ratio": 1 / 4},
            expected="better",
        ),
        Arm(
            name="fixed-gates",
            claim="gates that are learned, the same for every image",
            model=fixed_gates,
            expected="same",
        ),
    ),
    baseline="none",
    recipe=ONE_CYCLE,
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="5 minutes on 2 cores", seeds=7, changes=("epochs=7", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=7),
    },
    measures=(TRAIN_ACCURACY,),
    hold_equal={"macs": 0.05, "parameters": 0.05},
)
