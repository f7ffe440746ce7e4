"""Outcome of one strategy with one seed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from torch import nn

from ..training import EpochMetrics, LayerGroupRow
from ..training.evaluate import Predictions


@dataclass(frozen=True, kw_only=True)
class LearningCost:
    """Cost of learning.

    Attributes
    ----------
    feature_seconds, training_seconds : float
        Wall clock of computing features of the images learned from and validated with, and of what came after.
    peak_bytes : int or None
        Peak memory of either; see `peak_memory`.
    num_trained : int
        Parameters that were learned; 0 where what was learned is no layer.
    """

    feature_seconds: float = 0.0
    training_seconds: float
    peak_bytes: int | None
    num_trained: int


@dataclass(frozen=True, kw_only=True, eq=False)
class StrategyResult:
    """Result of a strategy: predictions, what learning cost, and the network.

    Attributes
    ----------
    predictions : mapping of str to Predictions
        Predictions for the "train", "validation" and "test" images, without augmentation.
    cost : LearningCost
        Cost of learning.
    model : nn.Module or None
        To ship, in eval mode on the CPU; None where what was learned is no layer on what the head sees.
    choices : mapping of str to plain values
        Values that were chosen on training and validation images, or measured.
    layer_groups : tuple of LayerGroupRow
        Frozen layer groups and the learning rates of the others, if the network was trained.
    epochs : tuple of EpochMetrics
        Epochs of that training.
    """

    predictions: Mapping[str, Predictions]
    cost: LearningCost
    model: nn.Module | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)
    layer_groups: tuple[LayerGroupRow, ...] = ()
    epochs: tuple[EpochMetrics, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """One run of a comparison.

    Attributes
    ----------
    strategy : str
        Name of the strategy.
    seed : int
        Seed of split, first weights and order.
    share : float
        Share of the training images that were learned from.
    num_images : int
        Number of images learned from.
    validated : tuple of int
        Which images it was validated with, so that seeds that share some can be told apart from more images.
    result : StrategyResult
        Predictions, cost and network.
    """

    strategy: str
    seed: int
    share: float
    num_images: int
    validated: tuple[int, ...]
    result: StrategyResult

    def accuracy(self, split: str) -> float:
        """On "train", "validation" or "test" images."""
        return self.result.predictions[split].evaluation.accuracy

    @property
    def gap(self) -> float:
        """Accuracy on the images learned from less that on the test images: what does not generalize."""
        return self.accuracy("train") - self.accuracy("test")

    def to_dict(self) -> dict[str, Any]:
        """Everything but weights and single predictions, as plain values."""
        result = self.result
        return {
            "strategy": self.strategy,
            "seed": self.seed,
            "share": self.share,
            "num_images": self.num_images,
            **{split: each.evaluation.to_dict() for split, each in result.predictions.items()},
            **asdict(result.cost),
            "choices": dict(result.choices),
            "layer_groups": [asdict(row) for row in result.layer_groups],
            "epochs": [asdict(row) for row in result.epochs],
        }
