"""A pool whose workers are stand-ins: who is replaced, who is not, and that none is left behind."""

from dataclasses import replace
from pathlib import Path

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import Arm, JobEntry, Ledger, make_plan
from convwright.studies.worker import StudyWork
from convwright.studies.worker_pool import WorkerPool
from reference.tiny_study import STUDY, net, with_arm


class Scripted(WorkerPool[str]):
    """Each worker claims a job and then comes to the end that the script has for it."""

    def __init__(self, plan, ledger, ends, num_workers):
        super().__init__(StudyWork(plan=plan, folder=Path(), ledger=ledger.name), ledger, num_workers=num_workers)
        self.ends, self.num_started, self.stopped, self.taken = ends, 0, None, []

    def _start(self):
        name = f"worker {self.num_started}"
        self.num_started += 1
        self.taken.append(self._ledger.claim(name, self._task.plan.fingerprints))
        return name, name

    def _ended(self, workers):
        return [next(iter(workers))]

    def _was_lost(self, worker):
        end = self.ends.pop(0) if self.ends else "done"
        if end == "broken":
            raise ConvwrightError("no ledger")
        if end == "done":
            self._ledger.finish(worker, self.taken[int(worker.split()[1])], {}, value=0.5)
        return end == "lost"

    def _stop(self, workers):
        self.stopped = list(workers)


@pytest.fixture
def plan():
    return make_plan(STUDY, budget="smoke")


@pytest.fixture
def ledger(tmp_path, plan):
    facts = {"study": "tiny", "budget": "smoke", "arm": "max", "num_steps": 3}
    with Ledger(tmp_path / "ledger.db") as opened:
        opened.add([JobEntry(fingerprint=job.fingerprint, seed=job.seed, **facts) for job in plan.jobs])
        yield opened


def test_who_is_lost_is_replaced_and_its_job_free_at_once(plan, ledger):
    pool = Scripted(plan, ledger, ["done", "lost", "done"], num_workers=2)
    pool.work()
    assert pool.num_started == 3
    assert pool.taken == [plan.fingerprints[0], plan.fingerprints[1], plan.fingerprints[1]]
    assert pool.stopped == []


def test_no_more_are_started_than_there_is_to_do(plan, ledger):
    pool = Scripted(plan, ledger, [], num_workers=9)
    pool.work()
    assert pool.num_started == len(plan.jobs) == 4
    Scripted(plan, ledger, [], num_workers=9).work()
    assert {each.state for each in ledger.entries()} == {"done"}


def test_one_that_cannot_go_on_stops_all(plan, ledger):
    pool = Scripted(plan, ledger, ["broken"], num_workers=3)
    with pytest.raises(ConvwrightError, match="no ledger"):
        pool.work()
    assert pool.stopped == ["worker 1", "worker 2"]


def test_a_study_that_cannot_travel_is_refused(ledger):
    local = Arm(name="local", claim="c", model=lambda **given: net(**given))
    plan = make_plan(with_arm(replace(STUDY, hold_equal={}), local), budget="smoke")
    with pytest.raises(ConvwrightError, match=r"study 'tiny' cannot go to another process: .*at the top of a module"):
        Scripted(plan, ledger, [], num_workers=2)
