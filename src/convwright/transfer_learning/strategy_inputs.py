"""Inputs of a strategy: a backbone, the images of one seed, and their features, computed when first asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from ..data.sets import ImageData
from ..data.splits import stratified
from ..errors import ConvwrightError, require_fraction
from ..training import EpochMetrics, LayerGroupRow, Recipe
from ..training.progress import StepReport
from .backbone import Backbone
from .features import Features, FeatureWatch, extract
from .stages import HEAD

TrainingWatch = Callable[[tuple[LayerGroupRow, ...] | StepReport | EpochMetrics], None]


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """Settings of the strategies that train the network.

    Attributes
    ----------
    recipe : Recipe
        Recipe; its seed is replaced by that of each repetition.
    lr_decay, unfrozen_by, freeze
        See `discriminative_layer_groups`: the rates of the stages, how they are unfrozen one after the other, and
        which never are.
    """

    recipe: Recipe
    lr_decay: float = 0.7
    unfrozen_by: float = 0.0
    freeze: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class ImagePool:
    """All images of a comparison, and their features.

    Attributes
    ----------
    backbone : Backbone
        Network whose features are computed.
    data : ImageData
        Images; without validation images, each seed draws its own from the training images.
    stages : tuple of str
        Features of all of them are computed at once.
    validation : float
        Share of the training images to draw.
    watch : callable, optional
        Called with the numbers of images that are done and of all.
    """

    backbone: Backbone
    data: ImageData
    stages: tuple[str, ...] = (HEAD,)
    validation: float = 0.2
    watch: FeatureWatch | None = None

    def __post_init__(self) -> None:
        require_fraction("validation", self.validation)

    @cached_property
    def features(self) -> Mapping[str, Features]:
        """Features of the splits of the data, by name."""
        data, found = self.data, {}
        for name, images in {"train": data.train, "validation": data.validation, "test": data.test}.items():
            if len(images):
                found[name] = extract(self.backbone, images, data, stages=self.stages, watch=self.watch)
        return found

    def rows(self, seed: int, share: float) -> tuple[Tensor, Tensor]:
        """Choose the training images that a seed learns from, a share of them, and those that it validates with.

        The images of a smaller share are among those of a larger one, and the validation images are the same.

        Raises
        ------
        ConvwrightError
            When there would be no validation image.
        """
        labels = self.data.train.labels
        if len(self.data.validation):
            learned, validated = torch.arange(len(labels)), torch.arange(0)
        else:
            learned, validated = stratified(labels, self.validation, seed=seed, purpose="validation")
            if not len(validated):
                raise ConvwrightError(
                    f"validation images of {self.data.name}",
                    expected="at least one",
                    got=f"none: {self.validation:g} of the images of each class rounds to 0",
                    hint="add images, or raise the share",
                )
        if share < 1:
            kept, _ = stratified(labels[learned], 1 - share, seed=seed, purpose="learning curve")
            learned = learned[kept]
        return learned, validated


@dataclass(frozen=True, kw_only=True, eq=False)
class StrategyInputs:
    """One seed's images, as many of them as there are to learn from.

    Attributes
    ----------
    pool : ImagePool
        All images and their features.
    seed : int
        Seed of the split, of first weights and of orders.
    share : float
        Share of the training images to learn from.
    tuning : Tuning
        Settings for strategies that train the network.
    device : str
        Device; see `train`.
    folder : Path or None
        Folder of a training's checkpoints.
    watch : callable
        Called with the layer groups that are about to be trained, then with steps and epochs.
    """

    pool: ImagePool
    seed: int
    share: float = 1.0
    tuning: Tuning
    device: str = "auto"
    folder: Path | None = None
    watch: TrainingWatch

    @property
    def backbone(self) -> Backbone:
        """Network that strategies begin with."""
        return self.pool.backbone

    @cached_property
    def rows(self) -> tuple[Tensor, Tensor]:
        """Indices of the training images of the pool to learn from, and to validate with."""
        return self.pool.rows(self.seed, self.share)

    @cached_property
    def data(self) -> ImageData:
        """The images."""
        learned, validated = self.rows
        data = self.pool.data
        train = data.train.subset(learned)
        validation = data.train.subset(validated) if len(validated) else data.validation
        return replace(data, train=train, validation=validation)

    @cached_property
    def features(self) -> Mapping[str, Features]:
        """Their features, by split."""
        learned, validated = self.rows
        found = self.pool.features
        validation = found["train"].subset(validated) if len(validated) else found["validation"]
        return {"train": found["train"].subset(learned), "validation": validation, "test": found["test"]}
