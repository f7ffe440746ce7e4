"""Schedules against torch's own, where it has them."""

import pytest
import torch
from torch.optim import lr_scheduler as torch_schedules

from convwright.training.recipe import ScheduleRecipe
from convwright.training.schedules import lr_factor

STEPS = 40


def of_torch(make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make(optimizer)
    found = []
    for _ in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def warmed(optimizer, then):
    rising = torch_schedules.LinearLR(optimizer, start_factor=1 / 11, total_iters=10)
    return torch_schedules.SequentialLR(optimizer, [rising, then], milestones=[10])


@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")  # SequentialLR's own
@pytest.mark.parametrize(
    ("recipe", "make"),
    [
        (ScheduleRecipe(name="cosine"), lambda o: torch_schedules.CosineAnnealingLR(o, STEPS)),
        (ScheduleRecipe(name="cosine", final=0.1), lambda o: torch_schedules.CosineAnnealingLR(o, STEPS, eta_min=0.1)),
        (
            ScheduleRecipe(name="cosine", warmup=0.25),
            lambda o: warmed(o, torch_schedules.CosineAnnealingLR(o, STEPS - 10)),
        ),
        (
            ScheduleRecipe(name="linear", final=0.2),
            lambda o: torch_schedules.LinearLR(o, start_factor=1, end_factor=0.2, total_iters=STEPS),
        ),
        (
            ScheduleRecipe(name="step", milestones=(0.5, 0.75), gamma=0.1),
            lambda o: torch_schedules.MultiStepLR(o, [20, 30], 0.1),
        ),
        (
            ScheduleRecipe(name="one-cycle", warmup=0.3, final=1 / 25e4),
            lambda o: torch_schedules.OneCycleLR(o, 1.0, STEPS, pct_start=0.3, cycle_momentum=False),
        ),
        (ScheduleRecipe(name="constant", warmup=0.25), lambda o: warmed(o, torch_schedules.ConstantLR(o, 1.0, 1))),
    ],
)
def test_factors_are_those_of_torch(recipe, make):
    ours = [lr_factor(recipe, step, STEPS) for step in range(STEPS)]
    assert ours == pytest.approx(of_torch(make), abs=1e-9)


@pytest.mark.parametrize("name", ["cosine", "linear", "constant", "one-cycle", "step"])
@pytest.mark.parametrize("num_steps", [2, 3, 10])
@pytest.mark.parametrize("warmup", [0.01, 0.5, 0.99])
def test_factors_stay_within_bounds_in_short_runs(name, num_steps, warmup):
    recipe = ScheduleRecipe(name=name, warmup=warmup, milestones=(0.5,))
    factors = [lr_factor(recipe, step, num_steps) for step in range(num_steps)]
    assert all(0 <= factor <= 1 for factor in factors)
    assert max(factors) > 0
