"""Training: what a recipe says, done exactly, and recorded.

Everything random follows from the recipe's seed and the number of the step. So a run that was killed at any moment and
resumed ends, on a CPU, with the same weights bit for bit as one that was not. The first weights are the caller's: they
have to be the same when a run is resumed before its first checkpoint.

>>> import torch
>>> from convwright.data import ImageData, ImageSet
>>> some = ImageSet(images=torch.randint(0, 256, (16, 1, 8, 8), dtype=torch.uint8), labels=torch.arange(16) % 2)
>>> splits = {"train": some, "validation": some, "test": some}
>>> data = ImageData(name="noise", class_names=("a", "b"), mean=(0.5,), std=(0.3,), **splits)
>>> net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 2))
>>> record = train(net, data, Recipe(epochs=2, batch_size=8, precision="fp32"), device="cpu")
>>> len(record.epochs), record.test.num_images
(2, 16)
"""

from .evaluate import Evaluation, evaluate
from .layer_group_report import LayerGroupRow, layer_group_report
from .layer_groups import LayerGroup
from .loggers import logging_to
from .presets import PRESETS, preset
from .recipe import OptimizerRecipe, Recipe, ScheduleRecipe
from .record import EpochMetrics, RunRecord
from .train import train

__all__ = [
    "PRESETS",
    "EpochMetrics",
    "Evaluation",
    "LayerGroup",
    "LayerGroupRow",
    "OptimizerRecipe",
    "Recipe",
    "RunRecord",
    "ScheduleRecipe",
    "evaluate",
    "layer_group_report",
    "logging_to",
    "preset",
    "train",
]
