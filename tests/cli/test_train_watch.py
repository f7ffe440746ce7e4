"""Progress: a line an epoch where nobody watches, a bar where somebody does."""

import io

import torch
from rich.console import Console

from convwright.cli._train_watch import watching
from convwright.training import EpochMetrics, Recipe
from convwright.training.progress import StepReport

EPOCH = EpochMetrics(
    epoch=1, step=10, lr=0.1, train_loss=1.5, train_accuracy=0.5, validation_loss=1.4, validation_accuracy=0.55,
    seconds=2.0, images_per_second=1234.5,
)  # fmt: skip
STEP = StepReport(epoch=1, num_epochs=2, step=5, num_steps=20, loss=torch.tensor(1.25), lr_factor=0.5, num_images=64)


def shown(monkeypatch, *, terminal):
    monkeypatch.setattr("convwright.cli._train_watch._LOOK_SECONDS", 0)
    page = io.StringIO()
    console = Console(file=page, force_terminal=terminal, width=120, color_system=None)
    with watching(Recipe(epochs=2), console) as watch:
        watch(STEP)
        watch(EPOCH)
    return page.getvalue()


def test_lines_alone_are_plain(monkeypatch):
    said = shown(monkeypatch, terminal=False)
    assert said.splitlines() == ["epoch   1  loss 1.500  train 50.00%  validation 55.00%  1,234 images/s  2.00 s"]


def test_a_terminal_sees_the_steps_too(monkeypatch):
    said = shown(monkeypatch, terminal=True)
    assert "epoch 1/2  loss 1.250  lr 0.05" in said
    assert "validation 55.00%" in said
