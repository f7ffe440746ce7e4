"""Variants of ResNet: whether order, width or groups make a residual network better at equal cost.

Question: post-activation, pre-activation, Wide and ResNeXt at CIFAR scale: which is the most accurate for its
parameters and multiply-accumulates? All arms but one are held equal in both: 20 layers of two 3x3 convolutions a block,
the same in the other order, a third of those blocks but wider, and 20 layers of bottlenecks with and without groups,
which are compared with each other. The last arm is wide as the paper makes it, with all widths doubled at the same
depth, and compared with the pre-activation network that it widens.

Expectation: pre-activation helps networks of a hundred layers and more, so hardly any here (He et al. 2016, "Identity
mappings in deep residual networks", section 4); wide and shallow is at least as accurate as thin and deep at equal
parameters, and faster (Zagoruyko and Komodakis 2016, "Wide residual networks"); bottlenecks in groups are ahead of
those without at equal cost (Xie et al. 2017, "Aggregated residual transformations for deep neural networks", section
5). A short run favors what trains fast, and shallow networks do.

Command: `convwright study run resnet-variants`. Time: quick about 9 minutes on 2 cores, reckoned
from one run of every arm: 13 to 33 seconds of one core.
"""

from typing import Any

from ..measures import TRAIN_ACCURACY
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Study

STEM: dict[str, Any] = {"stem": "mobile", "stem_channels": 12}
"""Halves at once: a quarter of the work, and the same for all."""


def widths(first: int) -> tuple[int, int, int]:
    """Widths of the three stages."""
    return (first, 2 * first, 4 * first)


STUDY = Study(
    name="resnet-variants",
    question="Which residual network is the most accurate for its parameters and multiply-accumulates?",
    expectation="Pre-activation is no better at 20 layers; wide is as good as deep; groups help bottlenecks; "
    "twice the width is better.",
    source="He et al. 2016, section 4; Zagoruyko and Komodakis 2016; Xie et al. 2017, section 5",
    arms=(
        Arm(
            name="post-activation",
            claim="20 layers, norm and activation after each convolution",
            model="resnet20",
            options={**STEM, "shortcut": "B", "channels": widths(12)},
        ),
        Arm(
            name="pre-activation",
            claim="20 layers, norm and activation before each convolution",
            model="preact_resnet110",
            options={**STEM, "blocks": (3, 3, 3), "channels": widths(12)},
            expected="same",
        ),
        Arm(
            name="wide",
            claim="8 layers: pre-activation with a third of the blocks, wider for it",
            model="wrn_16_4",
            options={**STEM, "blocks": (1, 1, 1), "channels": widths(23)},
            expected="better",
        ),
        Arm(
            name="bottleneck",
            claim="20 layers in bottlenecks without groups",
            model="resnext29_8x64d",
            options={**STEM, "blocks": (2, 2, 2), "channels": widths(13), "groups": 1},
        ),
        Arm(
            name="resnext",
            claim="20 layers in bottlenecks whose 3x3 convolutions have groups, and more width for it",
            model="resnext29_8x64d",
            options={**STEM, "blocks": (2, 2, 2), "channels": widths(12), "groups": 8, "width_per_group": 16},
            against="bottleneck",
            expected="better",
        ),
        Arm(
            name="wider",
            claim="pre-activation at twice the width: what Wide ResNets propose, at four times the cost",
            model="wrn_16_4",
            options={**STEM, "blocks": (3, 3, 3), "channels": widths(24)},
            against="pre-activation",
            unequal=("macs", "parameters"),
            expected="better",
        ),
    ),
    baseline="post-activation",
    recipe=ONE_CYCLE,
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="9 minutes on 2 cores", seeds=8, changes=("epochs=5", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=8),
    },
    measures=(TRAIN_ACCURACY,),
    hold_equal={"macs": 0.05, "parameters": 0.1},
)
