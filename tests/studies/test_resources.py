"""What a worker asks for, on clusters small enough to share out by hand; and memory against the analyzer's parts."""

from dataclasses import replace

import pytest
from torch import nn

import convwright
from convwright.errors import ConvwrightError
from convwright.studies import make_plan
from convwright.studies.resources import resources_for, training_bytes
from convwright.training import OptimizerRecipe, Recipe
from reference.tiny_study import STUDY, arm, with_arm
from reference.tiny_training import tiny_net

GIB = 2**30


def machine(cpus, gpus=0, memory=16 * GIB):
    return {"CPU": float(cpus), "GPU": float(gpus), "memory": float(memory), "node:somewhere": 1.0}


@pytest.fixture(scope="module")
def plan():
    return make_plan(STUDY, budget="smoke")


@pytest.mark.parametrize(
    ("machines", "workers", "num_open", "cpus"),
    [
        ([machine(8)], None, 100, 1),
        ([machine(8)], None, 3, 2),  # 2 + 2 + 2: with 3 each only two find room
        ([machine(8)], 2, 100, 4),
        ([machine(8)], 12, 100, 1),
        ([machine(8)], 4, 1, 8),
        ([machine(2), machine(10)], None, 3, 3),  # none of the small one
        ([machine(2), machine(10)], None, 6, 2),
        ([machine(0), machine(4)], None, 2, 2),
    ],
)
def test_cores_are_divided(plan, machines, workers, num_open, cpus):
    needs = resources_for(plan, machines, workers=workers, num_open=num_open, device="auto")
    assert (needs.num_cpus, needs.num_gpus) == (cpus, 0)


@pytest.mark.parametrize(
    ("device", "workers", "num_open", "cpus", "gpus"),
    [
        ("auto", None, 100, 4, 1),
        ("cuda", None, 100, 4, 1),
        ("cpu", None, 100, 1, 0),
        ("auto", 2, 100, 4, 1),
        ("auto", 1, 100, 8, 1),
        ("auto", 4, 100, 2, 1 / 2),
        ("auto", 5, 100, 1, 1 / 3),
        ("auto", 8, 2, 4, 1),
    ],
)
def test_gpus_are_divided(plan, device, workers, num_open, cpus, gpus):
    machines = [machine(32), machine(8, gpus=2)]
    needs = resources_for(plan, machines, workers=workers, num_open=num_open, device=device)
    assert (needs.num_cpus, needs.num_gpus) == (cpus, gpus)


def test_memory_is_that_of_the_largest_run():
    studies = [STUDY, with_arm(replace(STUDY, hold_equal={}), arm("wide", width=800))]
    small, large = (
        resources_for(
            make_plan(each, budget="smoke"), [machine(1)], workers=None, num_open=1, device="cpu"
        ).memory_bytes
        for each in studies
    )
    net = studies[1].arm("wide").build(num_classes=3, in_channels=3, seed=0)
    recipe = studies[1].recipe_of(studies[1].arm("wide"), studies[1].budgets["smoke"])
    assert GIB < small < large
    assert large - small == 2 * (
        training_bytes(net, recipe, (3, 8, 8))
        - training_bytes(studies[0].arm("max").build(num_classes=3, in_channels=3, seed=0), recipe, (3, 8, 8))
    )


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({}, 1),
        ({"optimizer": OptimizerRecipe(name="adamw")}, 2),
        ({"optimizer": OptimizerRecipe(name="sgd", momentum=0.0, nesterov=False)}, 0),
        ({"optimizer": OptimizerRecipe(name="muon")}, 1),
    ],
)
def test_memory_of_a_run_is_a_step_with_the_state_and_the_average(changes, numbers):
    recipe = Recipe(epochs=1, batch_size=64, accumulation=2, **changes)
    step = convwright.analyze(tiny_net().train(), (32, 3, 8, 8)).memory
    state = numbers * sum(weight.nbytes for weight in tiny_net().parameters())
    assert training_bytes(tiny_net(), recipe, (3, 8, 8)) == step.peak_training_bytes + state
    averaged = training_bytes(tiny_net(), replace(recipe, ema=0.9), (3, 8, 8))
    assert averaged == step.peak_training_bytes + state + sum(each.nbytes for each in tiny_net().state_dict().values())


def test_an_arm_that_cannot_be_trained_is_left_to_its_run(plan):
    broken = with_arm(STUDY, arm("broken", fails=True))
    needs = [
        resources_for(each, [machine(1)], workers=None, num_open=1, device="cpu")
        for each in (plan, make_plan(broken, budget="smoke"))
    ]
    assert needs[0] == needs[1]


@pytest.mark.parametrize(
    ("machines", "device", "said"),
    [
        ([machine(4, memory=GIB)], "cpu", "a machine with 1 CPU, 1.25 GiB of memory, got 4 CPU, 1.00 GiB of memory; a"),
        ([machine(2), machine(2)], "cuda", "of memory, 1 GPU, got 2 CPU, 16.0 GiB of memory; a"),
        ([machine(2, gpus=1, memory=GIB), machine(2)], "auto", "1 GPU, got 2 CPU, 1.00 GiB of memory, 1 GPU; 2 CPU"),
        ([], "auto", "got none"),
    ],
)
def test_a_cluster_without_room_is_refused(plan, machines, device, said):
    with pytest.raises(ConvwrightError, match=said):
        resources_for(plan, machines, workers=None, num_open=9, device=device)


def test_a_network_that_is_left_in_eval_mode_is_counted_in_training():
    net = nn.Sequential(nn.Flatten(), nn.Linear(192, 3)).eval()
    assert training_bytes(net, Recipe(epochs=1), (3, 8, 8)) > 3 * 4 * 192 * 3
