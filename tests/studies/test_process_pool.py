"""Workers that are processes: one that is killed is replaced, one that cannot go on is heard."""

import os
import signal
from dataclasses import replace

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import JobEntry, Ledger, make_plan, process_pool, run_plan
from convwright.studies.process_pool import ProcessPool, _gpu_of
from convwright.studies.worker import StudyWork
from reference.tiny_study import SLOW, STUDY


def test_a_killed_worker_is_replaced_and_its_job_continued(tmp_path):
    alone = replace(SLOW, arms=SLOW.arms[:1], hold_equal={})
    plan, killed = make_plan(alone, budget="smoke", seeds=1), []

    def kill(entries):
        if not killed and entries[0].state == "claimed" and entries[0].step > 4:
            killed.append(int(entries[0].worker.split(":")[1]))
            assert killed[0] != os.getpid()
            os.kill(killed[0], signal.SIGKILL)

    found = run_plan(plan, folder=tmp_path, workers=2, device="cpu", watch=kill)
    assert killed
    assert len(found.arms[0].runs) == 1
    with Ledger(tmp_path / "ledger.db") as ledger:
        assert ledger.entries()[0].attempts == 2


def test_a_worker_that_cannot_go_on_is_heard(tmp_path):
    plan = make_plan(STUDY, budget="smoke", seeds=1, arms=["max"])
    (tmp_path / "file").write_text("")
    job = JobEntry(fingerprint=plan.fingerprints[0], study="tiny", budget="smoke", arm="max", seed=0, num_steps=3)
    with Ledger(tmp_path / "ledger.db") as ledger:
        ledger.add([job])
        task = StudyWork(plan=plan, folder=tmp_path, ledger=tmp_path / "file/ledger.db", device="cpu")
        pool = ProcessPool(task, ledger, num_workers=2)
        with pytest.raises(ConvwrightError, match="cannot be made"):
            pool.work()


def test_gpus_are_taken_in_turn(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")
    assert [_gpu_of(number) for number in range(3)] == ["4", "6", "4"]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(process_pool.torch.cuda, "device_count", lambda: 0)
    assert _gpu_of(0) is None
