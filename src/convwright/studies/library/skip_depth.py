"""Skips and depth: at which depth a network begins to need shortcuts.

Question: of networks of 8, 14, 20 and 32 layers with and without shortcuts, at which depth do the two part?

Shortcuts that pad with zeros cost nothing, so that each pair has the same layers, parameters and multiply-accumulates,
and starts from the same weights. The course says: beyond 10 layers.

Expectation: at 20 layers and more the plain network is worse, and the more so the deeper it is; where the two part is
not said (He et al. 2016, "Deep residual learning for image recognition", section 4.2 and figure 6; at 18 layers on
ImageNet, section 4.1, both end alike and the residual one gets there faster). A short run shows that head start too:
what is seen at quick is how fast they train, and the full budget how well.

Command: `convwright study run skip-depth`. Time: quick about TIME.
"""

from typing import Any

from ..measures import TRAIN_ACCURACY
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Study

DEPTHS = (8, 14, 20, 32)
NARROW: dict[str, Any] = {"stem": "mobile", "stem_channels": 8, "channels": (8, 16, 32)}


def arm(kind: str, depth: int) -> Arm:
    """The network of one depth, with or without shortcuts."""
    return Arm(
        name=f"{kind}-{depth}",
        claim=f"{depth} layers, {'with' if kind == 'residual' else 'without'} shortcuts",
        model="resnet20" if kind == "residual" else "plain20",
        options={**NARROW, "blocks": ((depth - 2) // 6,) * 3},
        unequal=("macs", "parameters") if depth != DEPTHS[0] else (),
    )


STUDY = Study(
    name="skip-depth",
    question="At which depth does a network begin to need shortcuts?",
    expectation="Alike at 8 layers; from 20 on the plain network is worse, and the residual one is not.",
    source="He et al. 2016, sections 4.1 and 4.2; course, design checklist",
    arms=tuple(arm(kind, depth) for kind in ("plain", "residual") for depth in DEPTHS),
    baseline="plain-8",
    recipe=ONE_CYCLE,
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="TIME", seeds=9, changes=("epochs=5", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=9),
    },
    measures=(TRAIN_ACCURACY,),
    hold_equal={"macs": 0.0, "parameters": 0.0},
)
