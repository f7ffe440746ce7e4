"""Measures that several studies share."""

from torch import nn

from ..data import ImageData
from ..training import evaluate
from .study import Measure


def train_accuracy(model: nn.Module, data: ImageData) -> float:
    """Return the share of the training images, as they are, whose class is found."""
    return evaluate(model, data.train, data).accuracy


TRAIN_ACCURACY = Measure(
    name="train_accuracy",
    what="accuracy on the training images, without augmentation",
    function=train_accuracy,
    is_share=True,
)


def train_test_gap(model: nn.Module, data: ImageData) -> float:
    """Return the accuracy on the training images less that on the test images."""
    return train_accuracy(model, data) - evaluate(model, data.test, data).accuracy


TRAIN_TEST_GAP = Measure(
    name="train_test_gap",
    what="accuracy on the training images less that on the test images",
    function=train_test_gap,
    less_is_better=True,
    is_share=True,
)
