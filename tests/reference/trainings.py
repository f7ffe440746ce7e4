"""What a training tells of itself, made up."""

import torch

from convwright.training import EpochMetrics
from convwright.training.progress import StepReport


def step(number, loss=2.0, num_steps=20):
    """A step of two epochs."""
    return StepReport(
        epoch=1 + (number - 1) * 2 // num_steps, num_epochs=2, step=number, num_steps=num_steps,
        loss=torch.tensor(loss), lr_factor=1.0, num_images=8,
    )  # fmt: skip


def epoch(number, accuracy):
    """An epoch of ten steps; no accuracy where there are no validation images."""
    return EpochMetrics(
        epoch=number, step=10 * number, lr=0.1, train_loss=2.0 / number, train_accuracy=0.4,
        validation_loss=None if accuracy is None else 1.5, validation_accuracy=accuracy, seconds=3.0,
        images_per_second=27.0,
    )  # fmt: skip
