"""A crew whose workers are stand-ins: who is replaced, who is not, and that none is left behind."""

from dataclasses import replace

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import Arm, Entry, Ledger, make_plan
from convwright.studies.crew import Crew
from reference.tiny_study import STUDY, net, with_arm


class Scripted(Crew[str]):
    """Each worker claims a job and then comes to the end that the script has for it."""

    def __init__(self, plan, ledger, ends, number):
        super().__init__(plan, ledger, number=number)
        self.ends, self.num_started, self.stopped, self.taken = ends, 0, None, []

    def _start(self):
        name = f"worker {self.num_started}"
        self.num_started += 1
        self.taken.append(self._ledger.claim(name, self._plan.fingerprints))
        return name, name

    def _ended(self, hands):
        return [next(iter(hands))]

    def _was_lost(self, hand):
        end = self.ends.pop(0) if self.ends else "done"
        if end == "broken":
            raise ConvwrightError("no ledger")
        if end == "done":
            self._ledger.finish(hand, self.taken[int(hand.split()[1])], {}, value=0.5)
        return end == "lost"

    def _stop(self, hands):
        self.stopped = list(hands)


@pytest.fixture
def plan():
    return make_plan(STUDY, budget="smoke")


@pytest.fixture
def ledger(tmp_path, plan):
    facts = {"study": "tiny", "budget": "smoke", "arm": "max", "num_steps": 3}
    with Ledger(tmp_path / "ledger.db") as opened:
        opened.add([Entry(fingerprint=job.fingerprint, seed=job.seed, **facts) for job in plan.jobs])
        yield opened


def test_who_is_lost_is_replaced_and_its_job_free_at_once(plan, ledger):
    crew = Scripted(plan, ledger, ["done", "lost", "done"], number=2)
    crew.work()
    assert crew.num_started == 3
    assert crew.taken == [plan.fingerprints[0], plan.fingerprints[1], plan.fingerprints[1]]
    assert crew.stopped == []


def test_no_more_are_started_than_there_is_to_do(plan, ledger):
    crew = Scripted(plan, ledger, [], number=9)
    crew.work()
    assert crew.num_started == len(plan.jobs) == 4
    Scripted(plan, ledger, [], number=9).work()
    assert {each.state for each in ledger.entries()} == {"done"}


def test_one_that_cannot_go_on_stops_all(plan, ledger):
    crew = Scripted(plan, ledger, ["broken"], number=3)
    with pytest.raises(ConvwrightError, match="no ledger"):
        crew.work()
    assert crew.stopped == ["worker 1", "worker 2"]


def test_a_study_that_cannot_travel_is_refused(ledger):
    local = Arm(name="local", claim="c", model=lambda **given: net(**given))
    plan = make_plan(with_arm(replace(STUDY, hold_equal={}), local), budget="smoke")
    with pytest.raises(ConvwrightError, match=r"study 'tiny' cannot go to another process: .*at the top of a module"):
        Scripted(plan, ledger, [], number=2)
