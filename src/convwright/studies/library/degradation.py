"""Degradation: whether a deeper network is harder to train.

Question: what becomes of training AND test error as plain and residual networks grow from 20 to 32, 44 and 56 layers?

Expectation: plain networks get worse with depth, in training error too, so that it is not overfitting; residual ones
get better (He et al. 2016, "Deep residual learning for image recognition", section 4.2 and figure 6).

Command: `convwright study run degradation`. Time: quick about 30 minutes on 2 cores,
reckoned from 30 steps of every arm.
"""

from dataclasses import replace

from ...training import preset
from ..measures import TRAIN_ACCURACY
from ..study import SMOKE, Arm, Budget, Expectation, Study

DEPTHS = (20, 32, 44, 56)

# With shortcuts, 20 layers are said to be no better than without: only what is deeper is.
EXPECTED: dict[str, Expectation] = {"plain": "worse", "residual": "better"}

STUDY = Study(
    name="degradation",
    question="Is a deeper network worse, even on the images it was trained on, and do shortcuts mend that?",
    expectation="Training and test error of plain networks rise with depth; those of residual networks fall.",
    source="He et al. 2016, section 4.2 and figure 6",
    arms=tuple(
        Arm(
            name=f"{kind}-{depth}",
            claim=f"{depth} layers, {'with' if kind == 'residual' else 'without'} shortcuts",
            model=f"{'resnet' if kind == 'residual' else 'plain'}{depth}",
            unequal=("macs", "parameters") if depth != DEPTHS[0] else (),
            expected=EXPECTED[kind] if depth != DEPTHS[0] else None,
        )
        for kind in ("plain", "residual")
        for depth in DEPTHS
    ),
    baseline="plain-20",
    recipe=replace(preset("cifar-he2016"), precision="fp32"),
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="30 minutes on 2 cores", changes=("steps=1000", "batch_size=32")),
        "full": Budget(time="not measured", data="cifar10", seeds=5),
    },
    measures=(TRAIN_ACCURACY,),
    metric="train_accuracy",
    hold_equal={"macs": 0.0, "parameters": 0.0},
)
