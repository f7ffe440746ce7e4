"""Pooling: whether it matters how a network pools.

Question: of ten ways to halve a map, in the same network at the same cost, which is the most accurate on CIFAR-10?

Expectation: mixed and gated pooling ahead of maximum and average (Lee et al. 2016, "Generalizing pooling functions in
convolutional neural networks", section 4); stochastic pooling ahead of both without augmentation (Zeiler and Fergus
2013, "Stochastic pooling for regularization of deep convolutional neural networks", table 1); strided convolution as
good as maximum (Springenberg et al. 2015, "Striving for simplicity", section 3.2).

Command: `convwright study run pooling`. Time: quick about an hour on 2 cores, reckoned
from an epoch of every arm.
"""

from typing import Any

from torch import nn

from ...layers.pooling import MixedPool2d
from ...models import build
from ..measures import TRAIN_ACCURACY
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Expectation, Study

SMALL: dict[str, Any] = {"norm": "batch", "width": 0.25}


def fixed_mix(*, num_classes: int, in_channels: int, seed: int, mix: float) -> nn.Module:
    """The stack with mixed pools whose mix is not learned."""
    model = build(
        "downsample_stack_max", num_classes=num_classes, in_channels=in_channels, seed=seed, downsample="mixed", **SMALL
    )
    for stage in model.stages:
        stage.pool = MixedPool2d(2, mix=mix, ceil_mode=True)
    return model


def pooled(kind: str, claim: str, expected: Expectation | None = None) -> Arm:
    """The arm that pools in one way after each convolution."""
    options = {"downsample": kind, **SMALL}
    return Arm(name=kind, claim=claim, model="downsample_stack_max", options=options, expected=expected)


STUDY = Study(
    name="pooling",
    question="Does it matter for the accuracy how a network pools?",
    expectation="Mixed and gated pooling are ahead of maximum and average; strided convolution is as good as maximum.",
    source="Lee et al. 2016, section 4; Zeiler and Fergus 2013, table 1; Springenberg et al. 2015, section 3.2",
    arms=(
        pooled("max", "presence: the strongest response of a window"),
        pooled("average", "smooth, but dilutes what is strong"),
        pooled("mixed", "half maximum, half average at first; learns its mix", "better"),
        Arm(name="mixed-fixed", claim="half maximum, half average", model=fixed_mix, options={"mix": 0.5}),
        pooled("gated", "mixes each window by its own content", "better"),
        pooled("stochastic", "draws one response, the stronger the likelier: a regularizer"),
        pooled("lp", "between average and maximum, by a fixed power"),
        pooled("gem", "between average and maximum, by a learned power"),
        pooled("blur", "a low-pass filter before the stride, no maximum"),
        Arm(
            name="strided",
            claim="a convolution that halves: learned, and a quarter of the work",
            model="downsample_stack_strided",
            options=SMALL,
            unequal=("macs",),
            expected="same",
        ),
        Arm(
            name="strided-wide",
            claim="strided, with what it saves spent on width",
            model="downsample_stack_strided",
            options={**SMALL, "width": 0.5},
            unequal=("parameters",),
        ),
    ),
    baseline="max",
    recipe=ONE_CYCLE,
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="an hour on 2 cores", seeds=9, changes=("epochs=10", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=9),
    },
    measures=(TRAIN_ACCURACY,),
    hold_equal={"macs": 0.05, "parameters": 0.01},
)
