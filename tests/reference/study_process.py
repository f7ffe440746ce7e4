"""A study's process that a test kills: `study_process.py FOLDER LEDGER WORKERS`; lines tell what it does."""

import sys
from pathlib import Path

import torch

from convwright.studies import Ledger, make_plan, run_plan, worker
from reference.tiny_study import SLOW

STALE_SECONDS = 3.0


def telling_train(*given, watch, folder, **named):
    """Train, and say at which step it began."""
    began = []

    def telling(report):
        if not began:
            began.append(report.step)
            print("trains", folder.name, report.step, flush=True)
        watch(report)

    return worker_train(*given, watch=telling, folder=folder, **named)


def telling_finish(self, name, fingerprint, *given, **named):
    """Finish, and say so where it counted."""
    kept = ledger_finish(self, name, fingerprint, *given, **named)
    if kept:
        print("finished", fingerprint, flush=True)
    return kept


worker_train, ledger_finish = worker.train, Ledger.finish
if __name__ == "__main__":
    torch.set_num_threads(1)
    worker.train, Ledger.finish = telling_train, telling_finish
    plan = make_plan(SLOW, budget="smoke")
    folder, ledger, workers = sys.argv[1:]
    print("ready", flush=True)
    run_plan(
        plan, folder=Path(folder), ledger=ledger, workers=int(workers), device="cpu", stale_seconds=STALE_SECONDS
    )  # fmt: skip
    print("over", flush=True)
