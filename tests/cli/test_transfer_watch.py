"""What is shown while strategies are compared: lines without a terminal, bars in one."""

import io
import re

import torch
from rich.console import Console

from convwright.cli._transfer_watch import _TransferWatcher, watching
from convwright.training import LayerGroupRow
from convwright.training.progress import StepReport
from convwright.transfer_learning.runner import FeatureProgress, StartedRun
from reference.outcomes import outcome

BEGUN = StartedRun(strategy="finetune", seed=1, share=0.25, place=3, number=8)
PARTS = (
    LayerGroupRow(name="stem", modules=("0",), starts=1.0, norm_mode="eval", lrs=(), num_parameters=10, num_trained=0),
    LayerGroupRow(
        name="head", modules=("7",), starts=0.0, norm_mode="none", lrs=(0.5,), num_parameters=27, num_trained=27
    ),
)
STEP = StepReport(epoch=2, num_epochs=5, step=7, num_steps=20, loss=torch.tensor(1.0), lr_factor=1.0, num_images=8)


def console(**more):
    return Console(file=io.StringIO(), width=100, **more)


def said(out):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.file.getvalue())


def test_a_line_for_what_is_finished_and_the_rates_once():
    out = console()
    with watching(out) as watch:
        for event in (
            FeatureProgress(done=32, number=60),
            FeatureProgress(done=60, number=60),
            BEGUN,
            PARTS,
            STEP,
            PARTS,
        ):
            watch(event)
        watch(outcome([True] * 9 + [False], "finetune", seed=1, share=0.25))
    lines = said(out).splitlines()
    assert lines[0] == "features of 60 images"
    assert sum("never (frozen)" in line for line in lines) == 1
    assert lines[-1] == "3 of 8: finetune, seed 1, 2 images: validation 90.0 %, test 90.0 %, 2.00 s"


def test_bars_say_what_is_going_on():
    out = console(force_terminal=True)
    with watching(out) as watch:
        watch(BEGUN)
        watch(STEP)
    watcher = _TransferWatcher(console(force_terminal=True))
    watcher.show(FeatureProgress(done=32, number=60))
    runs, now = watcher.bars.tasks
    assert (now.description, now.completed, now.total) == ("features", 32, 60)
    watcher.show(BEGUN)
    assert (runs.completed, runs.total) == (2, 8)
    assert now.description == "finetune, seed 1, 25 % of the images"
    watcher.show(STEP)
    assert (now.description, now.completed) == ("finetune, seed 1, 25 % of the images, epoch 2/5", 7)
