"""Heads: whether global average pooling overfits less than fully connected layers.

Question: on the same convolutions, how do global average pooling and one linear layer compare with fully connected
layers, in test accuracy and in the gap between training and test accuracy?

As in VGG-16, where the three fully connected layers hold nine tenths of the parameters, they do so here: a hidden pair
after flattening, with and without dropout; and between the two, a single linear layer that reads every position. There
is no augmentation, which would hide what overfits.

Expectation: global average pooling has the smallest gap and the best test accuracy, dropout comes second, the bare
fully connected layers last (Lin et al. 2014, "Network in network", section 4.6). Dropout slows training, so that a
short run shows its gap rather than its accuracy.

Command: `convwright study run head`. Time: quick about 7 minutes on 2 cores, reckoned
from one run of every arm: 27 to 34 seconds of one core.
"""

from collections import OrderedDict
from dataclasses import replace
from typing import Any

from torch import nn

from ...data import Augmentation
from ...models import build
from ...models.initialize import initialize
from ..measures import TRAIN_ACCURACY, TRAIN_TEST_GAP
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Study

CHANNELS = (12, 24, 48)
CONVOLUTIONS: dict[str, Any] = {"convs": (2, 2, 2), "channels": CHANNELS, "norm": "batch", "conv_bias": False}
POSITIONS = 4 * 4  # of the last map of an image of 32 pixels


def flattened(
    *, num_classes: int, in_channels: int, seed: int, hidden: tuple[int, ...] = (), dropout: float = 0.0
) -> nn.Module:
    """The convolutions, then layers of the `hidden` widths, each with dropout, and a linear one."""
    model: nn.Module = build("vgg11_gap", num_classes=num_classes, in_channels=in_channels, **CONVOLUTIONS)
    layers: dict[str, nn.Module] = {"flatten": nn.Flatten()}
    widths = (CHANNELS[-1] * POSITIONS, *hidden)
    for i in range(len(hidden)):
        layers |= {f"hidden{i}": nn.Linear(widths[i], widths[i + 1]), f"act{i}": nn.ReLU(inplace=True)}
        if dropout:
            layers[f"dropout{i}"] = nn.Dropout(dropout)
    layers["linear"] = nn.Linear(widths[-1], num_classes)
    model.head = nn.Sequential(OrderedDict(layers))
    initialize(model, "vgg", seed=seed)
    return model


STUDY = Study(
    name="head",
    question="Does global average pooling overfit less than fully connected layers?",
    expectation="Its gap between training and test accuracy is the smallest, and its test accuracy the best.",
    source="Lin et al. 2014, section 4.6",
    arms=(
        Arm(name="gap", claim="global average pooling, one linear layer", model="vgg11_gap", options=CONVOLUTIONS),
        Arm(
            name="flat",
            claim="one linear layer that reads all positions",
            model=flattened,
            unequal=("parameters",),
            expected="worse",
        ),
        Arm(
            name="fc",
            claim="two hidden layers, then a linear one: most of the parameters, hardly any of the work",
            model=flattened,
            options={"hidden": (256, 256)},
            unequal=("parameters",),
            expected="worse",
        ),
        Arm(
            name="fc-dropout",
            claim="the same with dropout after both hidden layers",
            model=flattened,
            options={"hidden": (256, 256), "dropout": 0.5},
            unequal=("parameters",),
            expected="worse",
        ),
    ),
    baseline="gap",
    recipe=replace(ONE_CYCLE, augmentation=Augmentation()),
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="7 minutes on 2 cores", seeds=7, changes=("epochs=10", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=7),
    },
    measures=(TRAIN_ACCURACY, TRAIN_TEST_GAP),
    metric=TRAIN_TEST_GAP.name,
    hold_equal={"macs": 0.05, "parameters": 0.0},
)
