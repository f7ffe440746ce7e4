"""Progress survives a checkpoint's JSON, to the last bit."""

import json

from convwright.training.progress import Progress
from convwright.training.record import EpochMetrics


def test_it_survives_json():
    row = EpochMetrics(
        epoch=1, step=6, lr=0.1, train_loss=1 / 3, train_accuracy=0.5, validation_loss=None,
        validation_accuracy=None, seconds=0.1, images_per_second=480.0,
    )  # fmt: skip
    progress = Progress(step=7, epoch=1, step_in_epoch=1, loss_sum=2 / 3, num_right=4.0, epochs=[row], notes=["x"])
    assert Progress.from_dict(json.loads(json.dumps(progress.to_dict()))) == progress
