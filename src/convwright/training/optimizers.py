"""The optimizer of a recipe, over groups of parameters: norms and biases are not decayed."""

from typing import Any

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd
from torch.optim import Optimizer

from ..errors import ConvwrightError
from .muon import Muon
from .recipe import OptimizerRecipe


def make_optimizer(model: nn.Module, recipe: OptimizerRecipe, *, is_half: bool = False) -> Optimizer:
    """The optimizer over all parameters of `model` that take gradients.

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
    groups = parameter_groups(model, recipe)
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


def parameter_groups(model: nn.Module, recipe: OptimizerRecipe) -> list[dict[str, Any]]:
    """Filters that Muon moves, other weights, and what is not decayed: parameters of one axis, as norms and biases are.

    Depthwise and grouped convolutions are left to SGD: their filters are many small matrices.
    """
    filters = set()
    if recipe.name == "muon":
        convs = [layer for layer in model.modules() if isinstance(layer, _ConvNd) and layer.groups == 1]
        filters = {id(layer.weight) for layer in convs}
    moved = [each for each in model.parameters() if each.requires_grad]
    plain_lr = recipe.other_lr if recipe.name == "muon" else recipe.lr
    plain = {"lr": plain_lr, "initial_lr": plain_lr}
    groups: list[dict[str, Any]] = [
        {"params": [each for each in moved if id(each) in filters], "lr": recipe.lr, "initial_lr": recipe.lr},
        {"params": [each for each in moved if id(each) not in filters and each.ndim > 1], **plain},
        {"params": [each for each in moved if id(each) not in filters and each.ndim <= 1], **plain},
    ]
    for group, decay in zip(groups, (recipe.weight_decay, recipe.weight_decay, 0.0), strict=True):
        group["weight_decay"] = decay
    if recipe.name == "muon":
        groups[0]["orthogonal"] = True
    return [group for group in groups if group["params"]]
