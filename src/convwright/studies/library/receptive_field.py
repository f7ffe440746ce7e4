"""Receptive field: whether a network fails where it cannot see what it has to.

Question: how accurate is a network on a task whose answer needs 11 pixels, as its receptive field grows from 7 to 15 at
equal MACs and parameters?

Expectation: at chance with less than 11 pixels, which is a matter of arithmetic (Araujo et al. 2019, "Computing
receptive fields of convolutional neural networks"). From 11 on it can be solved. At exactly 11 only the outermost
weights see both ends, so that it takes longer to learn: the field that counts is smaller (Luo et al. 2016,
"Understanding the effective receptive field in deep convolutional neural networks").

The images are generated: two rows of two marks, bright or dark, 10 pixels apart; the classes are whether those of a row
are alike. The networks are three 3x3 convolutions that differ in their dilations. What they find at each place is
averaged over all places, so that nothing but the field can join two marks.

Command: `convwright study run receptive-field`. Time: quick about 5 minutes on 2 cores, reckoned from a run
of every arm.
"""

from collections import OrderedDict
from dataclasses import replace

from torch import nn

from ...data import Augmentation
from ...layers import GlobalAveragePool2d
from ...models.initialize import initialize
from ..generated import DISTANCE_PX, paired_marks
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Study

WIDTH, BASELINE = 16, "field-9"
DILATIONS = {7: (1, 1, 1), 9: (1, 1, 2), 11: (1, 2, 2), 13: (2, 2, 2), 15: (2, 2, 3)}
"""By the field in pixels that they give."""


def dilated(*, num_classes: int, in_channels: int, seed: int, dilations: tuple[int, ...]) -> nn.Module:
    """A 3x3 convolution of each dilation, with norm and activation; then the average over places, and a classifier."""
    layers: dict[str, nn.Module] = {}
    for i, dilation in enumerate(dilations):
        before = WIDTH if i else in_channels
        layers[f"conv{i}"] = nn.Conv2d(before, WIDTH, 3, padding=dilation, dilation=dilation, bias=False)
        layers |= {f"norm{i}": nn.BatchNorm2d(WIDTH), f"act{i}": nn.ReLU()}
    layers |= {"pool": GlobalAveragePool2d(), "linear": nn.Linear(WIDTH, num_classes)}
    model = nn.Sequential(OrderedDict(layers))
    initialize(model, "resnet", seed=seed)
    return model


def field(size_px: int, dilations: tuple[int, ...]) -> Arm:
    """The arm that sees so many pixels."""
    name, sees = f"field-{size_px}", "both marks of a row" if size_px > DISTANCE_PX else "one mark at most"
    return Arm(
        name=name,
        claim=f"dilations {', '.join(map(str, dilations))} see {size_px} pixels: {sees}",
        model=dilated,
        options={"dilations": dilations},
        expected="better" if size_px > DISTANCE_PX else None if name == BASELINE else "same",
    )


STUDY = Study(
    name="receptive-field",
    question="Does a network fail where its receptive field is smaller than what it has to see?",
    expectation=f"Below {DISTANCE_PX + 1} pixels it guesses; from there on it does not.",
    source="Araujo et al. 2019; Luo et al. 2016",
    arms=tuple(field(size_px, dilations) for size_px, dilations in DILATIONS.items()),
    baseline=BASELINE,
    recipe=replace(ONE_CYCLE, augmentation=Augmentation()),
    budgets={
        "smoke": replace(SMOKE, data=paired_marks),
        "quick": Budget(
            time="5 minutes on 2 cores",
            data=paired_marks,
            seeds=8,
            changes=("epochs=12", "batch_size=64"),
            most_images=2000,
        ),
        "full": Budget(time="not measured", data=paired_marks, seeds=8),
    },
    hold_equal={"macs": 0.0, "parameters": 0.0},
)
