"""Pictures of a comparison of strategies: PNGs of what they were given."""

import io
from types import SimpleNamespace

import numpy as np
from PIL import Image

from convwright.reports.transfer.plots import learning_curve_png, seen_png
from convwright.statistics import estimate


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def result(**accuracies):
    """Of strategies, each with the accuracy at 10 and at 100 images."""
    rows = [
        SimpleNamespace(strategy=name, num_images=number, test_accuracy=estimate([accuracy]))
        for name, both in accuracies.items()
        for number, accuracy in zip((10, 100), both, strict=True)
    ]
    return SimpleNamespace(titles=dict.fromkeys(accuracies, ""), rows=rows)


def has_color(picture, color):
    return bool((np.abs(picture - color).max(axis=2) < 12).any())


def test_every_strategy_has_a_line_of_its_own_color():
    one, two = result(probe=(0.5, 0.9)), result(probe=(0.5, 0.9), knn=(0.4, 0.7))
    blue, vermilion = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)
    assert has_color(pixels(learning_curve_png(one)), blue)
    assert not has_color(pixels(learning_curve_png(one)), vermilion)
    assert has_color(pixels(learning_curve_png(two)), vermilion)


def test_images_are_shown_above_what_was_seen_in_them():
    green = np.zeros((2, 8, 8, 3), np.float32)
    green[..., 1] = 1
    maps = np.zeros((2, 8, 8), np.float32)
    alone, both = pixels(seen_png(green, None, ["a", "b"])), pixels(seen_png(green, maps, ["a", "b"]))
    assert has_color(alone, (0, 255, 0))
    assert both.shape[0] > alone.shape[0]
    darkened = np.abs(both - (0, int(255 * 0.45), 0)).max(axis=2) < 12  # under 55 % of the darkest of the map's colors
    assert darkened.any()
