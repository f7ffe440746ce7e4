"""Architectures: whether the family of a network matters when all of them do the same work.

Question: of VGG, ResNet, DenseNet, EfficientNet and MobileNetV3, each shrunk to three million multiply-accumulates on
images of 32 pixels, which is the most accurate, and which the fastest?

Expectation: what the course says of them. EfficientNet is the most accurate for its compute (Tan and Le 2019,
"EfficientNet"), DenseNet for its parameters (Huang et al. 2017, "Densely connected convolutional networks"), VGG is the
least for both, and MobileNet very fast but less accurate than EfficientNet.

All keep the building blocks of their papers, in fewer stages and narrower, with a stem that does not shrink the image
and global average pooling, and train alike, without dropout. Published networks are tens to thousands of times as
large, and each was trained in its own way. At quick an arm trains for five epochs on 4,500 images, and still learns
when it stops: what is told is how fast it learns. Latency is of one image, on the machine and beside the runs that
happen to be there: it orders the families, and no more.

Command: `convwright study run architectures`. Time: quick about 7 minutes on 2 cores, reckoned from a run
of every arm.
"""

from typing import Any

from torch import nn

from ...analysis.latency import measure_latency
from ...data import ImageData
from ...models.mobilenet_v3 import MobileNetV3Stage
from ..measures import TRAIN_ACCURACY
from ..recipes import ONE_CYCLE
from ..study import SMOKE, Arm, Budget, Expectation, Measure, Study

EFFICIENTNET: dict[str, Any] = {
    "stem": "cifar",
    "stem_channels": 8,
    # Expansion, channels, blocks, kernel, stride of the first block.
    "table": ((1, 8, 1, 3, 2), (6, 16, 1, 3, 1), (6, 24, 2, 5, 2), (6, 48, 2, 3, 2)),
    "final_channels": 192,
    "dropout": 0.0,
    "drop_path": 0.0,
}
MOBILENET: dict[str, Any] = {
    "stem": "cifar",
    "stem_channels": 8,
    "table": (
        MobileNetV3Stage(channels=8, expanded=(8,), stride=2, act="relu"),
        MobileNetV3Stage(channels=16, expanded=(40, 40), act="relu"),
        MobileNetV3Stage(channels=32, expanded=(80, 112), kernel_size=5, stride=2, se=True, act="relu"),
        MobileNetV3Stage(channels=48, expanded=(112, 144), stride=2),
    ),
    "hidden": 128,
    "dropout": 0.0,
    "norm_momentum": 0.1,  # the paper's 0.01 is for runs of many more steps
}


def latency_seconds(model: nn.Module, data: ImageData) -> float:
    """Median time of one image through the network."""
    return measure_latency(model, data.image_shape, budget_seconds=0.3).median_seconds


def family(name: str, claim: str, model: str, expected: Expectation | None = None, **options: Any) -> Arm:
    """The arm of a family."""
    return Arm(name=name, claim=claim, model=model, options=options, expected=expected)


STUDY = Study(
    name="architectures",
    question="Which of five families is the most accurate at equal multiply-accumulates?",
    expectation="EfficientNet, then MobileNetV3 and DenseNet, then ResNet; VGG last.",
    source="the course; Tan and Le 2019; Howard et al. 2019; Huang et al. 2017",
    arms=(
        family("resnet", "general purpose: shortcuts around pairs of 3x3", "resnet20", blocks=(1, 1, 1), width=0.5),
        family(
            "vgg",
            "simple and uniform: 3x3 and pooling",
            "vgg16_bn_cifar",
            "worse",
            convs=(1, 2, 2, 2),
            channels=(8, 18, 32, 64),
        ),
        family(
            "densenet",
            "features are used again: few parameters, much memory",
            "densenet_bc_100_12",
            "better",
            blocks=(2, 4, 6),
            growth_rate=4,
            stem_channels=8,
        ),
        family("efficientnet", "most accurate for its compute: MBConv", "efficientnet_b0", "better", **EFFICIENTNET),
        family("mobilenet-v3", "for small devices: fast, less accurate", "mobilenet_v3_large", "better", **MOBILENET),
    ),
    baseline="resnet",
    recipe=ONE_CYCLE,
    budgets={
        "smoke": SMOKE,
        "quick": Budget(time="7 minutes on 2 cores", seeds=8, changes=("epochs=5", "batch_size=64")),
        "full": Budget(time="not measured", data="cifar10", seeds=8),
    },
    measures=(
        TRAIN_ACCURACY,
        Measure(
            name="latency_seconds",
            what="median time of one image, one at a time",
            function=latency_seconds,
            less_is_better=True,
        ),
    ),
    hold_equal={"macs": 0.05},
)
