"""Translation: whether an image that moved a little is still taken for the same.

Question: of five ways to halve a map, in the same network, under which does the predicted class change least when the
image is shifted by 1 to 4 pixels?

Expectation: a low-pass filter before the stride makes predictions more stable, after a maximum as after a convolution,
and average pooling is such a filter; a strided convolution has none (Zhang 2019, "Making convolutional networks
shift-invariant again", section 3.2). The course has it that maximum pooling gives tolerance to small shifts.

The training images are mirrored, but not cropped at random: what is asked is what the network can do, not what it can
be taught. A shifted image is filled up with its own reflection.

Command: `convwright study run translation`. Time: quick about 6 minutes on 2 cores, reckoned from a run
of every arm.
"""

from dataclasses import replace
from typing import Any

import torch.nn.functional as F
from torch import nn

from ...data import Augmentation, Batches, ImageData
from ...layers.pooling import BlurPool2d, MaxPool2d
from ...models import build
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Measure, Study

MOST_PX = 4
SHIFTS = tuple(shift for pixels in range(1, MOST_PX + 1) for shift in ((pixels, 0), (0, pixels)))
"""Down and to the right."""

SMALL: dict[str, Any] = {"norm": "batch", "width": 0.125}


def max_blur(*, num_classes: int, in_channels: int, seed: int) -> nn.Module:
    """The stack with a maximum at every place, then a low-pass filter where the map is halved."""
    model = build("downsample_stack_max", num_classes=num_classes, in_channels=in_channels, seed=seed, **SMALL)
    for stage in model.stages:
        stage.pool = nn.Sequential(MaxPool2d(2, stride=1), BlurPool2d(3))
    return model


def shift_consistency(model: nn.Module, data: ImageData) -> float:
    """Share of the shifts of test images, to the right and down by 1 to 4 pixels, that leave the found class."""
    device = next(model.parameters()).device
    batches = Batches(data.test, batch_size=500, seed=0, mean=data.mean, std=data.std, device=device, drop_last=False)
    num_same = 0
    for images, _ in batches.in_order():
        height, width = images.shape[2:]
        around = F.pad(images, (MOST_PX,) * 4, mode="reflect")
        places = [(MOST_PX - down, MOST_PX - right) for down, right in ((0, 0), *SHIFTS)]
        still, *moved = (model(around[..., y : y + height, x : x + width]).argmax(1) for y, x in places)
        num_same += sum(int((each == still).sum()) for each in moved)
    return num_same / (len(SHIFTS) * len(data.test))


STUDY = Study(
    name="translation",
    question="Which way to halve a map keeps the predicted class when the image is shifted by a few pixels?",
    expectation="Those that filter before they skip: blur, after a maximum or not, and average; strided is the worst.",
    source="Zhang 2019, section 3.2; maximum as the course has it",
    arms=(
        Arm(
            name="max",
            claim="the strongest response of a window: said to tolerate small shifts",
            model="downsample_stack_max",
            options=SMALL,
        ),
        Arm(
            name="average",
            claim="a filter as wide as the stride",
            model="downsample_stack_average",
            options=SMALL,
            expected="better",
        ),
        Arm(
            name="blur",
            claim="a binomial filter before the stride",
            model="downsample_stack_max",
            options={**SMALL, "downsample": "blur"},
            expected="better",
        ),
        Arm(
            name="max-blur",
            claim="a maximum at every place, then the binomial filter",
            model=max_blur,
            expected="better",
        ),
        Arm(
            name="strided",
            claim="a convolution that skips: nothing filters before it, and it does a quarter of the work",
            model="downsample_stack_strided",
            options=SMALL,
            unequal=("macs",),
            expected="worse",
        ),
    ),
    baseline="max",
    recipe=replace(ONE_CYCLE, augmentation=Augmentation(flip=True)),
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="6 minutes on 2 cores", seeds=8, changes=("epochs=8", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=8),
    },
    measures=(
        Measure(
            name="shift_consistency",
            what="share of the test images, shifted by 1 to 4 pixels, whose predicted class stays",
            function=shift_consistency,
            is_share=True,
        ),
    ),
    metric="shift_consistency",
    hold_equal={"macs": 0.05, "parameters": 0.0},
)
