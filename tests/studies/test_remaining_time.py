"""What is left of a study follows from its speed so far."""

from dataclasses import replace

import pytest

from convwright.studies import JobEntry, make_plan, remaining_time
from convwright.studies.remaining_time import RemainingTime
from reference.tiny_study import STUDY, arm, with_arm

DONE = {"state": "done"}


@pytest.fixture
def clock(monkeypatch):
    times = [0.0]
    monkeypatch.setattr(remaining_time.time, "monotonic", lambda: times[0])
    return times


def entries(**states):
    """Four jobs of ten steps; a state for each that is named as arm and seed."""
    names = [(name, seed) for seed in (0, 1) for name in ("max", "average")]
    plain = [JobEntry(fingerprint="f", study="s", budget="b", arm=a, seed=s, num_steps=10) for a, s in names]
    return [replace(each, **states.get(f"{each.arm}_{each.seed}", {})) for each in plain]


def test_it_is_extrapolated_from_when_one_began_to_look(clock):
    left = RemainingTime()
    assert left.seconds_left(entries(max_0=DONE)) is None
    clock[0] = 1.0
    assert left.seconds_left(entries(max_0=DONE, average_0=DONE)) is None
    clock[0] = 6.0  # 6 seconds for a whole job of four that cost the same: two are left
    assert left.seconds_left(entries(max_0=DONE, average_0=DONE)) == pytest.approx(12.0)
    assert left.seconds_left(entries(max_0=DONE, average_0={"state": "claimed", "step": 5})) == 6 / 0.5 * 2.5


def test_arms_that_compute_more_take_longer(clock):
    wide = with_arm(replace(STUDY, hold_equal={}), arm("average", width=64))
    plan = make_plan(wide, budget="smoke")
    ratio = plan.arms[1].costs.macs / plan.arms[0].costs.macs
    left = RemainingTime(plan)
    left.seconds_left(entries())
    clock[0] = 6.0
    assert left.seconds_left(entries(max_0=DONE)) == pytest.approx(6.0 * (1 + 2 * ratio))
