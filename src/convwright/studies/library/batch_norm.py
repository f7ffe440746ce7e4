"""Batch norm: whether it trains a network faster, and at rates at which it could not be trained without.

Question: what do six convolutions gain from batch norm at a rate that suits them without it, and at a higher one? And
does the bias that a norm cancels do any harm?

Expectation: with batch norm training is faster and bears rates several times higher, at which the network without it
fails (Ioffe and Szegedy 2015, "Batch normalization", section 3.3 for the argument and 4.2 for the experiment); the bias
changes nothing (section 3.2 there).

Command: `convwright study run batch-norm`. Time: quick about 5 minutes on 2 cores, reckoned
from one run of every arm: 12 to 18 seconds of one core.
"""

from typing import Any

from ..measures import TRAIN_ACCURACY
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Expectation, Study

LOW, HIGH = ("optimizer.lr=0.03",), ("optimizer.lr=0.3",)
STACK: dict[str, Any] = {"convs": (2, 2, 2), "channels": (12, 24, 48)}
NORM = {**STACK, "norm": "batch", "conv_bias": False}
NORM_AND_BIAS = {**STACK, "norm": "batch", "conv_bias": True}
BIAS = {**STACK, "norm": "none", "conv_bias": True}


def stack(
    name: str, claim: str, options: dict[str, Any], rate: tuple[str, ...], expected: Expectation | None = None
) -> Arm:
    """The arm that trains one of the networks at a rate."""
    return Arm(name=name, claim=claim, model="vgg11_gap", options=options, changes=rate, expected=expected)


STUDY = Study(
    name="batch-norm",
    question="Does batch norm make training faster, and possible at higher rates?",
    expectation="Without it worse, and much worse at the higher rate, which is better with it; a bias changes nothing.",
    source="Ioffe and Szegedy 2015, sections 3.2, 3.3 and 4.2",
    arms=(
        stack("norm", "batch norm after each convolution, no bias; rate 0.03", NORM, LOW),
        stack("bias-kept", "the same with the biases that the norm cancels; rate 0.03", NORM_AND_BIAS, LOW, "same"),
        stack("without", "biases and no norm; rate 0.03", BIAS, LOW, "worse"),
        stack("norm-high", "batch norm at the higher rate 0.3", NORM, HIGH, "better"),
        stack("without-high", "no norm at the higher rate 0.3", BIAS, HIGH, "worse"),
    ),
    baseline="norm",
    recipe=ONE_CYCLE,
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="5 minutes on 2 cores", seeds=8, changes=("epochs=5", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=8),
    },
    measures=(TRAIN_ACCURACY,),
    hold_equal={"macs": 0.0, "parameters": 0.01},
)
