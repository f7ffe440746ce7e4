"""One step: against the same written out, and what it says of gradients and memory."""

from dataclasses import replace

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn
from torch.nn import functional as F

from convwright.errors import ConvwrightError
from convwright.training.optimizers import make_optimizer
from convwright.training.recipe import OptimizerRecipe, Recipe
from convwright.training.step import Stepper, explained_out_of_memory
from reference.tiny_training import tiny_net, tiny_recipe


def stepper_of(net, recipe, num_steps=10):
    fabric = Fabric(accelerator="cpu", devices=1)
    optimizer = make_optimizer(net, recipe.optimizer)
    return Stepper(fabric, net, optimizer, recipe, num_steps=num_steps, num_classes=3)


def linear():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(192, 3))


def test_images_are_small_at_the_start():
    seen = []
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))
    net.register_forward_pre_hook(lambda _net, args: seen.append(tuple(args[0].shape[2:])))
    stepper = stepper_of(net, replace(tiny_recipe(), small_start=0.3))
    for step in range(10):
        stepper.gradients(torch.randn(8, 3, 8, 12), torch.arange(8) % 3, step)
    assert seen == [(6, 9)] * 3 + [(8, 12)] * 7


def test_a_step_is_what_one_would_write():
    recipe = replace(tiny_recipe(clip_norm=0.1, ema=0.5), optimizer=OptimizerRecipe(lr=0.5, weight_decay=0.0))
    x, target = torch.randn(8, 3, 8, 8), torch.arange(8) % 3
    ours, plain = linear(), linear()
    stepper = stepper_of(ours, recipe)
    sums = stepper.gradients(x, target, 0)
    assert stepper.update(0) == 0.5  # the first of one step of warm-up
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.25, momentum=0.9, nesterov=True)
    logits = plain(x)
    loss = F.cross_entropy(logits, target, label_smoothing=0.1)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(plain.parameters(), 0.1)
    optimizer.step()
    torch.testing.assert_close(ours.state_dict(), plain.state_dict())
    assert sums.tolist() == pytest.approx([8 * loss.item(), (logits.argmax(1) == target).sum().item()])
    assert stepper.evaluated is stepper.average.model


def test_what_is_drawn_depends_on_the_seed_and_the_step_alone():
    x, target = torch.randn(8, 3, 8, 8), torch.arange(8) % 3

    def drawn(step, seed=0):
        torch.manual_seed(step + 100)  # what came before does not matter
        return stepper_of(tiny_net(), tiny_recipe(seed=seed)).gradients(x, target, step)[0].item()

    assert drawn(3) == drawn(3)
    assert len({drawn(3), drawn(4), drawn(3, seed=1)}) == 3


def test_shares_of_classes_are_targets_too():
    x, target = torch.randn(8, 3, 8, 8), torch.arange(8) % 3
    hard = stepper_of(linear(), tiny_recipe()).gradients(x, target, 0)
    soft = stepper_of(linear(), tiny_recipe()).gradients(x, F.one_hot(target, 3).float(), 0)
    torch.testing.assert_close(hard, soft)


def test_gradients_that_are_not_finite_are_named_first():
    net = linear()
    stepper = stepper_of(net, tiny_recipe())
    net[1].weight.grad, net[1].bias.grad = torch.ones(3, 192), torch.full((3,), float("nan"))
    assert stepper.largest_gradients() == "1.bias nan, 1.weight 24"


@pytest.mark.parametrize(
    ("batch_size", "accumulation", "hint"),
    [
        (128, 2, "accumulation=4: the same batch in 4 micro-batches of 32"),
        (9, 1, "accumulation=3"),
        (1, 1, "a smaller model"),
    ],
)
def test_memory_has_a_next_step(batch_size, accumulation, hint):
    recipe = Recipe(epochs=1, batch_size=batch_size, accumulation=accumulation)
    for said in ("CUDA out of memory. Tried", "DefaultCPUAllocator: can't allocate memory: you tried"):
        assert hint in str(explained_out_of_memory(RuntimeError(said), recipe))
    assert explained_out_of_memory(RuntimeError("shapes differ"), recipe) is None


def test_a_network_needs_one_output_for_each_class():
    wide = nn.Sequential(nn.Flatten(), nn.Linear(192, 1000))
    with pytest.raises(ConvwrightError, match=r"a logit for each class, got shape \(8, 1000\)"):
        stepper_of(wide, tiny_recipe()).gradients(torch.randn(8, 3, 8, 8), torch.arange(8) % 3, 0)
