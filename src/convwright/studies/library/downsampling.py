"""Downsampling: whether it matters how a block halves its map.

Question: of the course's ways from 64 to 128 channels at half the size, convolution and maximum, strided convolution,
convolution and average, which is the most accurate? All have the same 73,856 parameters, and the strided one does a
quarter of the work; so it is also tried with its savings spent on width, and as a second convolution in the pool's
place. The blocks have no norm, as in the course; the pooling study has these arms with batch norm.

Expectation: a stride in place of the pool is slightly worse, a second, strided convolution in its place slightly better
than maximum (Springenberg et al. 2015, "Striving for simplicity", table 3); average is not ahead of maximum (Scherer
et al. 2010, "Evaluation of pooling operations in convolutional architectures for object recognition"). The gaps there
are half a point, which needs the full budget: quick shows only what is larger.

Command: `convwright study run downsampling`. Time: quick about 5 minutes on 2 cores, reckoned
from one run of every arm: 7 to 19 seconds of one core.
"""

from typing import Any

from torch import nn

from ...layers import ConvNormAct
from ...models import build
from ...models.initialize import initialize
from ..measures import TRAIN_ACCURACY
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Study

NARROW: dict[str, Any] = {"channels": (12, 24, 48, 96)}


def all_convolutional(*, num_classes: int, in_channels: int, seed: int, channels: tuple[int, ...]) -> nn.Module:
    """The stack with a strided convolution in the place of each pool."""
    model = build("downsample_stack_max", num_classes=num_classes, in_channels=in_channels, channels=channels)
    for stage, width in zip(model.stages, channels[1:], strict=True):
        stage.pool = ConvNormAct(width, width, 3, 2, style=model.config.style)
    initialize(model, model.init, seed=seed)
    return model


STUDY = Study(
    name="downsampling",
    question="Does it matter how a block halves its map?",
    expectation="Average and strided convolution are no better than maximum; a second, strided convolution is.",
    source="Springenberg et al. 2015, table 3; Scherer et al. 2010",
    arms=(
        Arm(name="max", claim="convolution, then maximum", model="downsample_stack_max", options=NARROW),
        Arm(
            name="average",
            claim="convolution, then average",
            model="downsample_stack_average",
            options=NARROW,
            expected="worse",
        ),
        Arm(
            name="strided",
            claim="a convolution that halves: the same parameters, a quarter of the work",
            model="downsample_stack_strided",
            options=NARROW,
            unequal=("macs",),
            expected="worse",
        ),
        Arm(
            name="strided-wide",
            claim="strided, with what it saves spent on twice the width",
            model="downsample_stack_strided",
            options={"channels": (24, 48, 96, 192)},
            unequal=("parameters",),
        ),
        Arm(
            name="all-convolutional",
            claim="convolution, then a strided one in the pool's place; narrower, so that it costs the same",
            model=all_convolutional,
            options={"channels": (10, 20, 40, 80)},
            unequal=("parameters",),
        ),
    ),
    baseline="max",
    recipe=ONE_CYCLE.with_overrides(["optimizer.lr=0.05"]),
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="5 minutes on 2 cores", seeds=8, changes=("epochs=5", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=8),
    },
    measures=(TRAIN_ACCURACY,),
    hold_equal={"macs": 0.05, "parameters": 0.0},
)
