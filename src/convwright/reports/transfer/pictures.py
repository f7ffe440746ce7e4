"""Test images that a shipped network is right or wrong about, and what in them it goes by."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...analysis.grad_cam import grad_cam
from ...data import Batches
from ...errors import ConvwrightError
from ...training.evaluate import Predictions
from ...transfer_learning import TransferResult
from .plots import seen_png

_MOST = 6  # images in a row


def pictures_of_images(result: TransferResult) -> dict[str, bytes]:
    """PNG files by name, of the network that is recommended; none of what there is none of.

    "mistakes.png" shows the wrong answers that it is surest of, "right.png" the right ones, a class after the other.
    """
    if result.shipped is None:
        return {}
    found = result.shipped.result.predictions["test"]
    chosen = {"mistakes.png": surest_mistakes(found), "right.png": surest_of_each_class(found)}
    return {name: _picture(result, found, rows) for name, rows in chosen.items() if rows}


def surest_mistakes(found: Predictions) -> list[int]:
    """The images about which they are wrong and most sure, the surest first."""
    wrong = torch.nonzero(~found.is_right)[:, 0]
    order = found.confidences[wrong].argsort(descending=True, stable=True)
    return wrong[order][:_MOST].tolist()


def surest_of_each_class(found: Predictions) -> list[int]:
    """The images about which they are right and most sure: one of each class, then a second of each, and so on."""
    order = found.confidences.argsort(descending=True, stable=True)
    right = [row for row in order.tolist() if found.is_right[row]]
    rank: dict[int, int] = {}
    places = []
    for row in right:
        label = int(found.labels[row])
        rank[label] = rank.get(label, -1) + 1
        places.append((rank[label], label, row))
    return [row for _, _, row in sorted(places)[:_MOST]]


def _picture(result: TransferResult, found: Predictions, rows: Sequence[int]) -> bytes:
    data = result.data
    some = data.test.subset(torch.tensor(rows))
    batches = Batches(some, batch_size=len(rows), seed=0, mean=data.mean, std=data.std)
    normalized = next(batches.in_order())[0]
    named = found.classes[list(rows)]
    captions = [_caption(found, row, data.class_names) for row in rows]
    return seen_png(as_pixels(normalized, data.mean, data.std), _maps(result, normalized, named), captions)


def as_pixels(normalized: Tensor, mean: Sequence[float], std: Sequence[float]) -> NDArray[np.float32]:
    """Images as they were before they were normalized: (N, C, H, W) -> (N, H, W, 3), from 0 to 1."""
    plain = normalized * torch.tensor(std).view(-1, 1, 1) + torch.tensor(mean).view(-1, 1, 1)
    rows = plain.clamp(0, 1).expand(-1, 3, -1, -1) if plain.shape[1] == 1 else plain.clamp(0, 1)
    return rows.permute(0, 2, 3, 1).float().numpy()


def _maps(result: TransferResult, normalized: Tensor, named: Tensor) -> NDArray[np.float32] | None:
    """Return where each named class was seen; None for a network without maps."""
    try:
        return grad_cam(result.model, normalized, classes=named).numpy()
    except ConvwrightError:
        return None


def _caption(found: Predictions, row: int, class_names: Sequence[str]) -> str:
    named, label = class_names[int(found.classes[row])], class_names[int(found.labels[row])]
    sure = f"{named}, {found.confidences[row]:.0%} sure"
    return sure if named == label else f"{sure}\nis: {label}"
