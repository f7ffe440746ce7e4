"""Residual learning: whether a block changes little of what it is given.

Question: how large is what a residual block adds, by its norm, against what it is added to, before and after training;
and does it become smaller when there are more blocks?

Expectation: the deeper the network, the smaller the responses of its layers, as each block has less to change (He et
al. 2016, "Deep residual learning for image recognition", section 4.2 and figure 7). The course looks at this ratio: the
lower it is, the closer a block is to the identity.

The norms are of one image's maps, where the two are added; the ratio is the mean over test images and blocks. Where a
block changes the shape of its map, it adds to what the shortcut has made of it. Nothing is said of two more arms: one
whose branches begin at zero, and pre-activation, where nothing is rectified on the way past the blocks.

Command: `convwright study run residual-learning`. Time: quick about 8 minutes on 2 cores, reckoned from a run
of every arm.
"""

import copy
from functools import partial
from typing import Any

from torch import nn

from ...data import Batches, ImageData
from ...layers.preactivation import PreActivationBlock
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Expectation, Measure, Study

STAGES = ("stage1", "stage2", "stage3")
DEPTH = 14


def residual_ratio(model: nn.Module, data: ImageData, stages: tuple[str, ...] = STAGES) -> float:
    """Norm of what a block adds by the norm of what it is added to: mean over test images and blocks of `stages`."""
    # Normalized by the statistics of each batch, as in training: before it the running ones mean nothing.
    net: Any = copy.deepcopy(model).train()
    device = next(net.parameters()).device
    batches = Batches(data.test, batch_size=500, seed=0, mean=data.mean, std=data.std, device=device, drop_last=False)
    total, number = 0.0, 0
    for images, _ in batches.in_order():
        x = net.stem(images)
        for name, stage in net.stages.named_children():
            for block in stage:
                start = block.norm_act(x) if isinstance(block, PreActivationBlock) else x
                added = block.residual(start)
                kept = x if isinstance(block.shortcut, nn.Identity) else block.shortcut(start)
                if name in stages:
                    ratios = added.flatten(1).norm(dim=1) / kept.flatten(1).norm(dim=1)
                    total, number = total + float(ratios.sum()), number + len(ratios)
                x = block(x)
    return total / number


def residual(name: str, claim: str, expected: Expectation | None = None, *, depth: int = DEPTH, **options: Any) -> Arm:
    """The arm of a residual network of three stages."""
    return Arm(
        name=name,
        claim=claim,
        model="resnet20",
        options={"blocks": ((depth - 2) // 6,) * 3, "width": 0.5, **options},
        unequal=() if depth == DEPTH else ("macs", "parameters"),
        expected=expected,
    )


STUDY = Study(
    name="residual-learning",
    question="Do residual blocks change little of what they are given, and the less the more of them there are?",
    expectation="The ratio of what is added to what it is added to falls with depth.",
    source="He et al. 2016, section 4.2 and figure 7; the course",
    arms=(
        residual("depth-14", "two blocks a stage"),
        residual("depth-8", "one block a stage, which has to do more", "worse", depth=8),
        residual("depth-20", "three blocks a stage, each of which has to do less", "better", depth=20),
        residual("zero-init", "every block begins as its shortcut", zero_init_last=True),
        residual(
            "pre-activation", "nothing is rectified on the way past the blocks", block="preact_basic", stem_norm=False
        ),
    ),
    baseline="depth-14",
    recipe=ONE_CYCLE,
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="8 minutes on 2 cores", seeds=8, changes=("epochs=4", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=8),
    },
    measures=(
        Measure(
            name="residual_ratio",
            what="norm of what a block adds by the norm of what it is added to",
            function=residual_ratio,
            before=True,
            less_is_better=True,
        ),
        *(
            Measure(
                name=f"residual_ratio_{stage}",
                what=f"the same of the blocks of {stage} alone",
                function=partial(residual_ratio, stages=(stage,)),
                before=True,
                less_is_better=True,
            )
            for stage in STAGES
        ),
    ),
    metric="residual_ratio",
    hold_equal={"macs": 0.0, "parameters": 0.0},
)
