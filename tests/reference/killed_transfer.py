"""A transfer that is killed: run as a script, with a folder, it gets so far as the second seed's fifth step."""

import os
import signal
import sys
from pathlib import Path

from convwright.training.progress import StepReport
from convwright.transfer_learning import transfer
from reference.tiny_transfer import tiny_pool, tiny_tuning


def carried_out(folder=None, watch=None):
    """Fine-tuning with a frozen stage and one that is let go late, two seeds."""
    pool = tiny_pool()
    tuning = tiny_tuning(freeze=(next(iter(pool.backbone.stages)),), unfrozen_by=0.5)
    return transfer(
        pool.backbone, pool.data, strategies=["finetune"], seeds=2, tuning=tuning, folder=folder, device="cpu",
        watch=watch,
    )  # fmt: skip


def main(folder):
    def watch(event):
        if isinstance(event, StepReport) and event.step == 5 and list(folder.glob("trainings-*/finetune-1-1")):
            os.kill(os.getpid(), signal.SIGKILL)

    carried_out(folder, watch)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
