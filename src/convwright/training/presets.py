"""Recipes that are known by name, each with its source and what it reached there."""

from ..data.augment import Augmentation
from ..errors import require_choice
from .recipe import OptimizerRecipe, Recipe, ScheduleRecipe

_FLIP_AND_CROP = Augmentation(flip=True, crop_padding=4)

CIFAR_HE2016 = Recipe(
    name="cifar-he2016",
    steps=64_000,
    batch_size=128,
    augmentation=_FLIP_AND_CROP,
    optimizer=OptimizerRecipe(name="sgd", lr=0.1, momentum=0.9, nesterov=False, weight_decay=1e-4),
    schedule=ScheduleRecipe(name="step", milestones=(0.5, 0.75), gamma=0.1),
)
"""The recipe of the residual nets: rate divided by 10 after 32,000 and 48,000 of 64,000 steps.

Source: He et al. 2016, "Deep Residual Learning for Image Recognition", section 4.2. Its table 6 has, on CIFAR-10's
original images, 8.75 % test error for ResNet-20 and 6.43 % for ResNet-110 (which was warmed up at 0.01 first).
Here norms and biases are not decayed.
"""

CIFAR_FAST = Recipe(
    name="cifar-fast",
    epochs=30,
    batch_size=256,
    label_smoothing=0.1,
    augmentation=Augmentation(flip=True, crop_padding=4, cutout=8),
    optimizer=OptimizerRecipe(name="sgd", lr=0.4, weight_decay=5e-4),
    schedule=ScheduleRecipe(name="one-cycle", warmup=0.25),
)
"""Short and strong: one cycle of a high rate.

Source: Smith and Topin 2018, "Super-Convergence", for the cycle; DeVries and Taylor 2017 for the cutout. The values
are a common choice. With them ResNet-20 reached 86.9 % in one run on CIFAR-10's images as JPEG.
"""

CIFAR_SPEEDRUN = Recipe(
    name="cifar-speedrun",
    epochs=9,
    batch_size=250,
    label_smoothing=0.2,
    small_start=0.4,
    augmentation=Augmentation(flip=True, alternate=True, crop_padding=2),
    optimizer=OptimizerRecipe(name="muon", lr=0.08, momentum=0.8, weight_decay=0.06, other_lr=0.03),
    schedule=ScheduleRecipe(name="linear"),
)
"""Time to accuracy: Muon on the filters, nine passes over the data, the first of them on smaller images.

Source: after Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", and its code with Muon, in small batches.
`speed_cnn` reached 89.7 ± 0.1 % (three seeds) on CIFAR-10 as JPEG, in 1,072 s of one core: docs/benchmarks.md.
"""

IMAGENET_A3 = Recipe(
    name="imagenet-a3",
    epochs=100,
    batch_size=2048,
    augmentation=Augmentation(random_resized_crop=0.08, flip=True, mixup=0.1, cutmix=1.0, trivial_augment=True),
    optimizer=OptimizerRecipe(name="adamw", lr=4e-3, weight_decay=0.02),
    schedule=ScheduleRecipe(name="cosine", warmup=0.05),
)
"""A hundred epochs at 160 px.

Source: after Wightman et al. 2021, "ResNet strikes back", procedure A3 of table 2, which reached 78.1 % with ResNet-50
when tested at 224 px. It used LAMB at 8e-3, binary cross-entropy and RandAugment, where this has AdamW, cross-entropy
and TrivialAugment; what that reaches has not been measured.
"""

FINETUNE = Recipe(
    name="finetune",
    epochs=5,
    batch_size=32,
    label_smoothing=0.1,
    augmentation=Augmentation(random_resized_crop=0.3, flip=True),
    optimizer=OptimizerRecipe(name="adamw", lr=1e-3, weight_decay=0.05),
    schedule=ScheduleRecipe(name="cosine", warmup=0.1),
)
"""From trained weights: few passes, crops that keep much of an image, a warm-up for the new head.

Source: our own trials with EfficientNet-Lite0, whose fine-tuning was right on 93.2 ± 1.0 % of 153 photographs of ants
and bees (five seeds; docs/transfer.md), about as often as a linear probe. AdamW needs no search for a rate with each
network. Kornblith et al. 2019, "Do Better ImageNet Models Transfer Better?", appendix A, train 20,000 steps with SGD,
and search rate and decay.
"""

PRESETS = {each.name: each for each in (CIFAR_HE2016, CIFAR_FAST, CIFAR_SPEEDRUN, IMAGENET_A3, FINETUNE)}


def preset(name: str) -> Recipe:
    """The recipe called `name`, a key of `PRESETS`.

    >>> preset("cifar-he2016").steps
    64000
    """
    require_choice("recipe", name, PRESETS)
    return PRESETS[name]
