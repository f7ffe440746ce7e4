"""A backbone and images on which strategies take milliseconds."""

from dataclasses import replace

from convwright.training import OptimizerRecipe, Recipe
from convwright.transfer_learning import backbone_of
from convwright.transfer_learning.strategy_inputs import ImagePool, StrategyInputs, Tuning
from reference.tiny_training import tiny_data, tiny_net, tiny_set


def tiny_pool(data=None, **changes):
    """Of data whose validation images each seed draws, unless they have some."""
    data = data or replace(tiny_data(), validation=tiny_set(0, 0))
    return ImagePool(backbone=backbone_of(tiny_net(), image_shape=(3, 8, 8)), data=data, **changes)


def tiny_tuning(**changes):
    optimizer = OptimizerRecipe(name="sgd", lr=0.05)
    return Tuning(recipe=Recipe(epochs=2, batch_size=8, precision="fp32", optimizer=optimizer), **changes)


def tiny_setting(seed=0, share=1.0, pool=None, watch=lambda _event: None, **changes):
    tuning = tiny_tuning(**changes)
    return StrategyInputs(pool=pool or tiny_pool(), seed=seed, share=share, tuning=tuning, device="cpu", watch=watch)
