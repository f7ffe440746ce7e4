"""Train in the processes that torchrun starts, and write what came out: `two_processes.py FOLDER`."""

import json
import sys
from pathlib import Path

import torch
from torch import nn

from convwright.data.augment import Augmentation
from convwright.training import train
from reference.tiny_training import tiny_data, tiny_layer_groups, tiny_net, tiny_recipe

RECIPE = tiny_recipe(epochs=2, accumulation=2, augmentation=Augmentation(flip=True, crop_padding=1, mixup=0.2))

LAYER_GROUPS = tiny_layer_groups()


def losses(folder=None, layer_groups=()):
    """Of every epoch; without dropout, which each process draws for itself, and with norms that need no others."""
    net = tiny_net(nn.GroupNorm)
    net[4].p = 0.0
    record = train(net, tiny_data(), RECIPE, folder=folder, device="cpu", layer_groups=layer_groups)
    return [[row.train_loss, row.validation_loss] for row in record.epochs], record.environment["num_processes"]


if __name__ == "__main__":
    torch.set_num_threads(1)
    found, num_processes = losses(Path(sys.argv[1]))
    in_groups, _ = losses(layer_groups=LAYER_GROUPS)
    (Path(sys.argv[1]) / f"{num_processes}.json").write_text(json.dumps([found, in_groups]))
