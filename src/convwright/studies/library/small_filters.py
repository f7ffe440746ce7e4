"""Small filters: whether a stack of 3x3 convolutions is better than one large one that sees as much.

Question: two 3x3 convolutions see as much as one 5x5, three as much as one 7x7. Does the stack win at equal width,
where it is cheaper, and at equal multiply-accumulates? And is it the activations between them?

Three stages of one width, each with a field of 7 pixels before it pools: three 3x3; one 3x3 and a 5x5 in place of the
other two; one 7x7. The same without activations inside the stack, which leaves one linear filter for each stage. The
receptive field of all arms is proved equal.

Expectation: the stack is better (Simonyan and Zisserman 2015, "Very deep convolutional networks for large-scale image
recognition", section 2.3 for the argument; in section 4.1 a network with a 5x5 for each pair of 3x3 is clearly worse on
ImageNet). At equal width the large filters have more weights and may win; what the course says is at equal field.

Command: `convwright study run small-filters`. Time: quick about 8 minutes on 2 cores, reckoned
from one run of every arm: 17 to 23 seconds of one core.
"""

from collections import OrderedDict

from torch import nn

from ...layers import ConvNormAct, Head, Stem
from ...models.initialize import initialize
from ..measures import TRAIN_ACCURACY
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Study

STACK = (3, 3, 3)
STAGES = 3


def stages_of(
    *, num_classes: int, in_channels: int, seed: int, kernels: tuple[int, ...], width: int, inner: str = "relu"
) -> nn.Module:
    """A stem, and stages of convolutions with these kernels and a pool; `inner` activates all but the last."""
    parts: dict[str, nn.Module] = {"stem": Stem("cifar", in_channels, width)}
    for stage in range(1, STAGES + 1):
        acts = [inner] * (len(kernels) - 1) + ["relu"]
        convs = [ConvNormAct(width, width, kernel, act=act) for kernel, act in zip(kernels, acts, strict=True)]
        parts[f"stage{stage}"] = nn.Sequential(*convs, nn.MaxPool2d(2))
    parts["head"] = Head("gap", width, num_classes)
    model = nn.Sequential(OrderedDict(parts))
    initialize(model, "resnet", seed=seed)
    return model


STUDY = Study(
    name="small-filters",
    question="Is a stack of 3x3 convolutions better than one large convolution that sees as much?",
    expectation="The stack is better at equal cost, and because of the activations in it.",
    source="Simonyan and Zisserman 2015, sections 2.3 and 4.1",
    arms=(
        Arm(
            name="3x3-3x3-3x3",
            claim="three small filters: 27 weights for each pair of channels",
            model=stages_of,
            options={"kernels": STACK, "width": 16},
        ),
        Arm(
            name="3x3-5x5",
            claim="a 5x5 for two of them: 34 weights, narrower for equal cost",
            model=stages_of,
            options={"kernels": (3, 5), "width": 14},
            unequal=("parameters",),
            expected="worse",
        ),
        Arm(
            name="7x7",
            claim="one large filter: 49 weights, narrower for equal cost",
            model=stages_of,
            options={"kernels": (7,), "width": 12},
            unequal=("parameters",),
            expected="worse",
        ),
        Arm(
            name="3x3-5x5-as-wide",
            claim="a 5x5 for two of them at the same width: a quarter more work",
            model=stages_of,
            options={"kernels": (3, 5), "width": 16},
            unequal=("macs", "parameters"),
            expected="worse",
        ),
        Arm(
            name="7x7-as-wide",
            claim="one large filter at the same width: 1.8 times the work",
            model=stages_of,
            options={"kernels": (7,), "width": 16},
            unequal=("macs", "parameters"),
        ),
        Arm(
            name="3x3-3x3-3x3-linear",
            claim="the three small filters without activations between them",
            model=stages_of,
            options={"kernels": STACK, "width": 16, "inner": "none"},
            expected="worse",
        ),
    ),
    baseline="3x3-3x3-3x3",
    recipe=ONE_CYCLE,
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="8 minutes on 2 cores", seeds=8, changes=("epochs=5", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=8),
    },
    measures=(TRAIN_ACCURACY,),
    hold_equal={"receptive_field_px": 0.0, "macs": 0.05, "parameters": 0.05},
)
