"""Recipes that several studies share."""

from ..data import Augmentation
from ..training import OptimizerRecipe, Recipe, ScheduleRecipe

ONE_CYCLE = Recipe(
    epochs=30,
    batch_size=128,
    precision="fp32",
    augmentation=Augmentation(flip=True, crop_padding=4),
    optimizer=OptimizerRecipe(name="sgd", lr=0.1, weight_decay=5e-4),
    schedule=ScheduleRecipe(name="one-cycle", warmup=0.25),
)
"""Rises, falls, ends: one cycle suits a run of any length, the short ones included.

Source: Smith and Topin 2018, "Super-Convergence", for the cycle; rate and decay are common choices.
"""
