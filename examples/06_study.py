"""Does the pool matter? A study of one's own, on the digits of scikit-learn: `python examples/06_study.py`."""

import tempfile
from pathlib import Path

from convwright import Recipe, Study, run_study
from convwright.data import Augmentation
from convwright.reports.study.page import study_markdown
from convwright.studies import Arm, Budget


def pooled(kind, expected=None):
    """A small stack of convolutions, each followed by one kind of pool."""
    return Arm(
        name=kind,
        claim=f"{kind} pooling",
        model="downsample_stack_max",
        options={"downsample": kind, "width": 0.125, "norm": "batch"},
        expected=expected,
    )


study = Study(
    name="pools-on-digits",
    question="Are digits told apart better by the average of a window than by its maximum?",
    expectation="It makes no difference.",
    source="nobody: that is why one measures",
    arms=(pooled("max"), pooled("average", expected="same")),
    baseline="max",
    recipe=Recipe(epochs=1, batch_size=32, precision="fp32", augmentation=Augmentation(crop_padding=1)),
    budgets={"quick": Budget(time="seconds", data="digits", seeds=6)},
    hold_equal={"macs": 0.05, "parameters": 0.0},  # proved before anything trains
)

# In a folder that stays, a second run would do nothing twice, and more seeds would only add to it.
with tempfile.TemporaryDirectory() as folder:
    found = run_study(study, folder=Path(folder), device="cpu")

for arm in found.arms:
    print(arm.name, {seed: f"{value:.1%}" for seed, value in arm.values("test_accuracy").items()})
print(found.summary.answer)
print(f"{found.arms[1].name}, expected {found.arms[1].expected}: {found.summary.arms[1].agreement}")

# The report, as `convwright study report` writes it; `write_study_report` makes the page with its plots.
print(study_markdown(found).split("## What is said")[0])
