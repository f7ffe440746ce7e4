"""Training: what a recipe says, done exactly, and recorded."""

from .evaluate import Evaluation, evaluate
from .loop import train
from .presets import PRESETS, preset
from .recipe import OptimizerRecipe, Recipe, ScheduleRecipe
from .record import EpochMetrics, RunRecord

__all__ = [
    "PRESETS",
    "EpochMetrics",
    "Evaluation",
    "OptimizerRecipe",
    "Recipe",
    "RunRecord",
    "ScheduleRecipe",
    "evaluate",
    "preset",
    "train",
]
