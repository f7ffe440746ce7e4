"""Pictures of training: they are PNGs of what they were given."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from convwright.reports.run.plots import confusion_png, curves_png, curves_svg

ROWS = [
    {"epoch": e, "train_loss": 2 / e, "validation_loss": 2.2 / e, "validation_accuracy": 1 - 1 / e, "lr": 0.1 / e}
    for e in range(1, 9)
]


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def has_color(picture, color):
    wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((np.abs(picture - wanted).max(axis=2) < 12).any())


def test_curves_show_what_is_there():
    picture = pixels(curves_png(ROWS))
    assert picture.shape[1] > 1000
    assert has_color(picture, "#0072b2")
    assert has_color(picture, "#d55e00")  # validation
    alone = pixels(curves_png([{"epoch": 1, "train_loss": 2.0}]))
    assert has_color(alone, "#0072b2")
    assert not has_color(alone, "#d55e00")


def test_no_epochs_give_an_empty_picture():
    assert not has_color(pixels(curves_png([])), "#0072b2")


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_confusion_is_darkest_where_all_of_a_class_went(classes):
    names = [f"class {i}" for i in range(classes)]
    right = pixels(confusion_png(np.eye(classes, dtype=np.int64) * 9, names))
    nothing = pixels(confusion_png(np.zeros((classes, classes), dtype=np.int64), names))
    dark = [((p[..., 2] > 90) & (p[..., 2] < 125) & (p[..., 0] < 20)).sum() for p in (right, nothing)]  # Blues at 1
    assert dark[0] > dark[1]


def test_the_same_figures_give_the_same_bytes():
    assert curves_png(ROWS) == curves_png(ROWS)


SOME_ROWS = [{"epoch": e, "train_loss": 2 / e, "validation_accuracy": 0.1 * e, "lr": 0.1} for e in (1, 2, 3)]


def test_a_picture_for_each_thing_that_is_known():
    found = curves_svg(SOME_ROWS, [(5, 3.0), (10, 2.0)], epoch_steps=10)
    assert list(found) == ["loss", "accuracy, %", "learning rate"]
    for title, drawn in found.items():
        root = ElementTree.fromstring(drawn)
        assert root.get("aria-label") == f"{title} by epoch"
    assert "steps" in found["loss"]
    assert "steps" not in found["accuracy, %"]


def test_before_the_first_epoch_there_are_the_losses_of_steps():
    assert list(curves_svg([], [(1, 3.0)], epoch_steps=10)) == ["loss"]
    assert curves_svg([], []) == {}
    assert curves_svg([], [(1, 3.0)]) == {}


def test_the_same_run_gives_the_same_svg():
    assert curves_svg(SOME_ROWS) == curves_svg(SOME_ROWS)
