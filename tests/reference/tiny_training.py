"""Data and a network that train in milliseconds, with what has to survive a crash: batch norm, dropout, an average."""

import torch
from torch import nn

from convwright.data.sets import ImageData, ImageSet
from convwright.training import LayerGroup, OptimizerRecipe, Recipe, ScheduleRecipe


def tiny_set(number, seed):
    """Three classes of noise, each with a bright channel of its own."""
    draw = torch.Generator().manual_seed(seed)
    labels = torch.arange(number) % 3
    images = torch.randint(0, 128, (number, 3, 8, 8), dtype=torch.uint8, generator=draw)
    images[torch.arange(number), labels] += 60
    return ImageSet(images=images, labels=labels)


def tiny_data(train=48):
    return ImageData(
        name="tiny",
        class_names=("red", "green", "blue"),
        train=tiny_set(train, 1),
        validation=tiny_set(12, 2),
        test=tiny_set(30, 3),
        mean=(0.3, 0.3, 0.3),
        std=(0.2, 0.2, 0.2),
    )


def tiny_net(norm=nn.BatchNorm2d):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False),
        norm(8) if norm is nn.BatchNorm2d else norm(2, 8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 1),
        nn.Dropout2d(0.2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 3),
    )


def tiny_layer_groups():
    """Of `tiny_net`: one that never learns, one that begins in the middle, one that always does."""
    return (
        LayerGroup(name="stem", modules=("0", "1"), starts=1.0),
        LayerGroup(name="middle", modules=("3",), lr_factor=0.5, starts=0.5),
        LayerGroup(name="head", modules=("4", "7")),
    )


def tiny_recipe(optimizer="sgd", **changes):
    base = {
        "epochs": 4,
        "batch_size": 8,
        "ema": 0.9,
        "precision": "fp32",
        "clip_norm": 5.0,
        "label_smoothing": 0.1,
        "optimizer": OptimizerRecipe(name=optimizer, lr=0.01 if optimizer == "adamw" else 0.1),
        "schedule": ScheduleRecipe(name="cosine", warmup=0.1),
    }
    return Recipe(**(base | changes))
