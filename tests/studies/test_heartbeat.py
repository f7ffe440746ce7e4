"""Signs of life come from a thread, and a job that was lost is let go."""

import threading
import time
from types import SimpleNamespace

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import heartbeat as module
from convwright.studies.heartbeat import Heartbeat, LostJob


class Listener:
    """A ledger that answers as it is told to."""

    def __init__(self, *answers):
        self.answers, self.heard, self.enough = list(answers), [], threading.Event()

    def beat(self, worker, fingerprint, step):
        self.heard.append((worker, fingerprint, step))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if len(self.heard) >= 3:
            self.enough.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.01)


def step(number):
    return SimpleNamespace(step=number)


def test_the_ledger_hears_of_the_step():
    listener = Listener(True)
    with Heartbeat(listener, "me", "job") as heartbeat:
        heartbeat.watch(step(7))
        assert listener.enough.wait(5)
    assert listener.heard[-1] == ("me", "job", 7)
    number = len(listener.heard)
    time.sleep(0.05)
    assert len(listener.heard) == number


def test_a_lost_job_is_let_go():
    listener = Listener(True, False)
    with Heartbeat(listener, "me", "job") as heartbeat:
        heartbeat.watch(step(1))
        assert listener.enough.wait(5)
        with pytest.raises(LostJob):
            heartbeat.watch(step(2))


def test_a_ledger_out_of_reach_is_tried_again():
    listener = Listener(ConvwrightError("gone"), True)
    with Heartbeat(listener, "me", "job") as heartbeat:
        assert listener.enough.wait(5)
        heartbeat.watch(step(1))


def test_a_worker_whose_parent_is_gone_is_told_to_stop(monkeypatch):
    told = threading.Event()
    monkeypatch.setattr(module.os, "kill", lambda *_: told.set())
    with Heartbeat(Listener(True), "me", "job", parent=-1):
        assert told.wait(5)
