"""A network that is shipped, with the photographs it is for."""

import torch

from convwright.models import Preprocessing, build
from convwright.transfer_learning.artifact import ModelCard, write_artifact
from reference.small_sets import NAMES, pixels, write_folders

PREPROCESSING = Preprocessing(resize_px=16, crop_px=16, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4))


def ship(root, **fields):
    """`root/photos`, pictures of random pixels of 16x16 in class folders, and `root/shipped`, made for them."""
    write_folders(root / "photos", pixels(30, height=16, width=16))
    model = build("resnet20", num_classes=2, depth=0.1, norm_momentum=1.0, seed=1)
    with torch.no_grad():
        model(torch.randn(32, 3, 16, 16))  # norms that have seen images
    card = {"model": "resnet20", "arguments": {"depth": 0.1}, "class_names": NAMES, "preprocessing": PREPROCESSING}
    write_artifact(root / "shipped", model, ModelCard(**card | {"data": str(root / "photos")} | fields))
    return model.eval()
