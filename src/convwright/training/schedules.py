"""Learning-rate schedules: pure functions from a step to a factor, so that a resumed run needs no state."""

import math

from .recipe import ScheduleRecipe

_FIRST_OF_CYCLE = 1 / 25  # torch.optim.lr_scheduler.OneCycleLR's div_factor


def lr_factor(recipe: ScheduleRecipe, step: int, num_steps: int) -> float:
    """Return the factor on the learning rate in step `step` (from 0) of `num_steps`.

    Source: Loshchilov and Hutter 2017, "SGDR", section 3 for the cosine; Smith and Topin 2018, "Super-Convergence",
    section 3 for the cycle, here with cosines as in torch's OneCycleLR; Goyal et al. 2017, section 2.2 for the warm-up.

    >>> [lr_factor(ScheduleRecipe(name="linear"), step, 4) for step in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    """
    if recipe.name == "one-cycle":
        return _one_cycle(recipe, step, num_steps)
    rising = round(recipe.warmup * num_steps)
    if step < rising:
        return (step + 1) / (rising + 1)
    if recipe.name == "step":  # places count from the start of the run, warm-up included
        return recipe.gamma ** sum(step >= round(place * num_steps) for place in recipe.milestones)
    if recipe.name == "constant":
        return 1.0
    share = (step - rising) / max(num_steps - rising, 1)
    return _cosine(share, recipe.final) if recipe.name == "cosine" else 1 + (recipe.final - 1) * share


def _cosine(share: float, final: float) -> float:
    return final + (1 - final) * (1 + math.cos(math.pi * share)) / 2


def _one_cycle(recipe: ScheduleRecipe, step: int, num_steps: int) -> float:
    top = recipe.warmup * num_steps - 1  # as in torch, between steps where it has to be
    if step < top:
        return 1 + (_FIRST_OF_CYCLE - 1) * (1 + math.cos(math.pi * step / top)) / 2
    return _cosine((step - top) / (num_steps - 1 - top), recipe.final)
