"""Skips and depth: at which depth a network begins to need shortcuts.

Question: of networks of 8, 14, 20 and 32 layers with and without shortcuts, at which depth do the two part?

Shortcuts that pad with zeros cost nothing: the two of each depth have the same layers, parameters and
multiply-accumulates, and start from the same weights. Each residual network is compared with the plain one of its
depth, and the deeper plain ones with that of 8 layers.

Expectation: from 20 to 56 layers plain networks get worse and residual ones better (He et al. 2016, "Deep residual
learning for image recognition", section 4.2 and figure 6); shortcuts matter from some 10 layers on (the course's design
checklist). At 18 layers on ImageNet both end alike, and the residual network gets there faster (section 4.1). A short
run shows how fast they train, so the two part earlier at quick than they would at full.

Command: `convwright study run skip-depth`. Time: quick about 6 minutes on 2 cores, reckoned
from one run of every arm: 5 to 16 seconds of one core.
"""

from typing import Any

from ..measures import TRAIN_ACCURACY
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Expectation, Study

DEPTHS = (8, 14, 20, 32)
EXPECTED: dict[str, Expectation] = {
    "plain-32": "worse",
    "residual-8": "same",
    "residual-14": "better",
    "residual-20": "better",
    "residual-32": "better",
}
NARROW: dict[str, Any] = {"stem": "mobile", "stem_channels": 8, "channels": (8, 16, 32)}


def arm(kind: str, depth: int) -> Arm:
    """The network of one depth, with or without shortcuts."""
    return Arm(
        name=f"{kind}-{depth}",
        claim=f"{depth} layers, {'with' if kind == 'residual' else 'without'} shortcuts",
        model="resnet20" if kind == "residual" else "plain20",
        options={**NARROW, "blocks": ((depth - 2) // 6,) * 3},
        against=f"plain-{depth}" if kind == "residual" else None,
        unequal=("macs", "parameters") if kind == "plain" and depth != DEPTHS[0] else (),
        expected=EXPECTED.get(f"{kind}-{depth}"),
    )


STUDY = Study(
    name="skip-depth",
    question="At which depth does a network begin to need shortcuts?",
    expectation="Alike at 8 layers; with more, plain networks get worse and residual ones better.",
    source="He et al. 2016, sections 4.1 and 4.2; the course's design checklist",
    arms=tuple(arm(kind, depth) for kind in ("plain", "residual") for depth in DEPTHS),
    baseline="plain-8",
    recipe=ONE_CYCLE,
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="6 minutes on 2 cores", seeds=9, changes=("epochs=5", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=9),
    },
    measures=(TRAIN_ACCURACY,),
    hold_equal={"macs": 0.0, "parameters": 0.0},
)
