"""Optimizer of a recipe: parameter groups for each layer group; norms and biases are not decayed."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd
from torch.optim import Optimizer

from ..errors import ConvwrightError
from .layer_groups import WHOLE, LayerGroup
from .muon import Muon
from .recipe import OptimizerRecipe


def make_optimizer(
    model: nn.Module, recipe: OptimizerRecipe, layer_groups: Sequence[LayerGroup] = (), *, is_half: bool = False
) -> Optimizer:
    """Return the optimizer over the parameters of `model` that take gradients now, except frozen layer groups.

    Every group has its highest rate in `initial_lr`. Muon makes its updates orthogonal in bfloat16 if it `is_half`.

    Raises
    ------
    ConvwrightError
        If everything is frozen, or Muon finds no filter.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
    >>> [(len(g["params"]), g["weight_decay"]) for g in make_optimizer(net, OptimizerRecipe()).param_groups]
    [(1, 0.0005), (3, 0.0)]
    """
    groups = parameter_groups(model, recipe, layer_groups)
    if not groups:
        raise ConvwrightError("training a model", expected="parameters that take gradients", got="none")
    if recipe.name == "sgd":
        return torch.optim.SGD(groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.nesterov)
    if recipe.name == "adamw":
        return torch.optim.AdamW(groups, lr=recipe.lr, betas=recipe.betas)
    if not any(group.get("orthogonal") for group in groups):
        raise ConvwrightError("optimizer.name", expected="convolutions for muon", got="none that takes gradients")
    decay = recipe.weight_decay
    return Muon(
        groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.nesterov, weight_decay=decay, is_half=is_half
    )


def parameter_groups(
    model: nn.Module, recipe: OptimizerRecipe, layer_groups: Sequence[LayerGroup] = ()
) -> list[dict[str, Any]]:
    """Filters that Muon moves, other weights, and what is not decayed: parameters of one axis, as norms and biases are.

    Depthwise and grouped convolutions are left to SGD: their filters are many small matrices. Each layer group
    that ever learns has parameter groups of its own, which carry its name.
    """
    filters: set[int] = set()
    if recipe.name == "muon":
        convs = [layer for layer in model.modules() if isinstance(layer, _ConvNd) and layer.groups == 1]
        filters = {id(layer.weight) for layer in convs}
    learning = [layer_group for layer_group in layer_groups or (WHOLE,) if not layer_group.is_frozen]
    return [group for layer_group in learning for group in _groups_of(layer_group, model, recipe, filters)]


def _groups_of(
    layer_group: LayerGroup, model: nn.Module, recipe: OptimizerRecipe, filters: set[int]
) -> list[dict[str, Any]]:
    moved = [each for each in layer_group.weights(model) if each.requires_grad]
    others = [each for each in moved if id(each) not in filters]
    is_muon = recipe.name == "muon"
    other_lr = recipe.other_lr if is_muon else recipe.lr
    groups: list[dict[str, Any]] = [
        {"params": [each for each in moved if id(each) in filters], "lr": recipe.lr},
        {"params": [each for each in others if each.ndim > 1], "lr": other_lr},
        {"params": [each for each in others if each.ndim <= 1], "lr": other_lr},
    ]
    for group, decay in zip(groups, (recipe.weight_decay, recipe.weight_decay, 0.0), strict=True):
        group["lr"] *= layer_group.lr_factor
        group |= {"initial_lr": group["lr"], "weight_decay": decay, "layer_group": layer_group.name}
    if is_muon:
        groups[0]["orthogonal"] = True
    return [group for group in groups if group["params"]]
