"""Processes that share a ledger, and die: every job is done, once."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from convwright.studies import Ledger, known_result, make_plan
from reference import study_process
from reference.postgres import postgres
from reference.tiny_study import SLOW

__all__ = ["postgres"]  # a fixture

PATIENCE_SECONDS = 120


def start(folder, address, workers=1):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, study_process.__file__, folder, address, str(workers)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def wait_until(found):
    limit = time.monotonic() + PATIENCE_SECONDS
    while not (answer := found()):
        assert time.monotonic() < limit, "it took too long"
        time.sleep(0.05)
    return answer


def halfway(folder, address):
    """The process id of the worker of a job that is claimed and has checkpoints."""
    if not list(folder.glob("runs/slow/slow-*/checkpoints/step-*")):
        return None
    with Ledger(address) as ledger:
        running = [
            each for each in ledger.entries() if each.state == "claimed" and each.arm == "slow" and each.step > 4
        ]
    return running[0].worker.split(":")[1] if running else None


@pytest.fixture(scope="module")
def plan():
    return make_plan(SLOW, budget="smoke")


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_two_processes_share_the_work_and_one_is_killed(tmp_path, plan, server, request):
    address = tmp_path / "ledger.db" if server == "sqlite" else request.getfixturevalue("postgres")()
    first, second = start(tmp_path, address), start(tmp_path, address)
    victim = int(wait_until(lambda: halfway(tmp_path, address)))
    assert victim in (first.pid, second.pid)
    os.kill(victim, signal.SIGKILL)
    said = [each.communicate(timeout=PATIENCE_SECONDS)[0].splitlines() for each in (first, second)]
    assert sorted((first.returncode, second.returncode)) == [-signal.SIGKILL, 0]
    lines = [line for part in said for line in part]
    finished = Counter(line.split()[1] for line in lines if line.startswith("finished"))
    assert finished == Counter(plan.fingerprints)
    # The killed job was taken up by the survivor, from a checkpoint.
    begun = Counter(line.split()[1] for line in lines if line.startswith("trains"))
    twice = [name for name, times in begun.items() if times == 2]
    assert len(twice) == 1
    assert sorted(int(line.split()[2]) for line in lines if line.startswith(f"trains {twice[0]}"))[1] > 1
    with Ledger(address) as ledger:
        assert known_result(plan, ledger).num_missing == 0


def test_ctrl_c_stops_all_workers_and_gives_their_jobs_back(tmp_path):
    process = start(tmp_path, tmp_path / "ledger.db", workers=2)
    wait_until(lambda: halfway(tmp_path, tmp_path / "ledger.db"))
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=PATIENCE_SECONDS)[0]
    assert process.returncode != 0
    assert "over" not in said
    with Ledger(tmp_path / "ledger.db") as ledger:
        states = {entry.state for entry in ledger.entries()}
        assert states <= {"queued", "done"}
        assert "queued" in states
    assert list(Path(tmp_path).glob("runs/slow/slow-*/checkpoints/step-*"))
