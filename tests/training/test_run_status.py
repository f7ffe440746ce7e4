"""A run tells how far it is to whoever looks at its folder."""

import contextlib
import subprocess
import sys

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.training import run_status as module
from convwright.training.progress import StepReport
from convwright.training.record import EpochMetrics
from convwright.training.run_status import RunStatus, is_running, read_run_status, writing_run_status


def report(step, loss=1.0, num_steps=100):
    return StepReport(
        epoch=1 + step // 50, num_epochs=2, step=step, num_steps=num_steps, loss=torch.tensor(loss), lr_factor=1.0,
        num_images=8,
    )  # fmt: skip


@pytest.fixture
def clock(monkeypatch):
    times = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: times[0])
    return times


def test_steps_are_kept_a_few_times_a_second(tmp_path, clock):
    with writing_run_status(tmp_path) as watch:
        assert read_run_status(tmp_path) is None
        for step, loss in enumerate((4.0, 2.0, 3.0, 1.0), start=1):
            watch(report(step, loss))
            clock[0] += 0.3
        found = read_run_status(tmp_path)
        assert found == RunStatus(
            step=3, num_steps=100, epoch=1, num_epochs=2, first_step=1, seconds=pytest.approx(0.6), losses=((3, 3.0),)
        )
        assert found.seconds_left == pytest.approx(97 * 0.3)
        watch(report(100, 5.0))
        assert read_run_status(tmp_path).losses == ((3, 3.0), (100, 3.0))


def test_epochs_change_nothing(tmp_path):
    with writing_run_status(tmp_path) as watch:
        watch(
            EpochMetrics(
                epoch=1, step=1, lr=0.1, train_loss=1, train_accuracy=0, validation_loss=None,
                validation_accuracy=None, seconds=1, images_per_second=1,
            )
        )  # fmt: skip
    assert read_run_status(tmp_path) is None


def test_a_resumed_run_goes_on_from_its_checkpoint(tmp_path, clock):
    with writing_run_status(tmp_path) as watch:
        for step in range(1, 6):
            clock[0] += 1
            watch(report(step, float(step)))
    with writing_run_status(tmp_path) as watch:
        watch(report(4, 9.0))  # the checkpoint was of step 3
        clock[0] += 1
        watch(report(5, 8.0))
    found = read_run_status(tmp_path)
    assert found.losses == ((2, 1.5), (3, 3.0), (5, 8.5))
    assert found.first_step == 4


def test_long_runs_have_means_of_more_steps(tmp_path, clock):
    with writing_run_status(tmp_path) as watch:
        for step in range(1, 1001):
            clock[0] += 1
            watch(report(step, float(step), 1000))
    losses = read_run_status(tmp_path).losses
    assert len(losses) <= 240
    assert losses[-1][0] == 1000
    assert [step for step, _ in losses] == sorted({step for step, _ in losses})
    assert all(step / 2 - 5 <= loss <= step for step, loss in losses)


def fail(folder, error, *reports):
    with contextlib.suppress(type(error)), writing_run_status(folder) as watch:
        for each in reports:
            watch(each)
        raise error


def test_a_failure_says_why_and_a_resume_takes_it_back(tmp_path):
    fail(tmp_path, ConvwrightError("the loss is nan"), report(1))
    assert read_run_status(tmp_path).error == "the loss is nan"
    fail(tmp_path, ConvwrightError("it cannot be resumed"))
    assert read_run_status(tmp_path).error == "the loss is nan"
    fail(tmp_path, KeyboardInterrupt(), report(100))
    assert read_run_status(tmp_path).error == ""


def test_a_failure_before_the_first_step_is_kept_too(tmp_path):
    fail(tmp_path, ValueError("no"))
    assert read_run_status(tmp_path).error == "ValueError: no"
    assert read_run_status(tmp_path).seconds_left is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"losses": [1]}', '{"losses": [], "more": 1}'])
def test_what_is_no_status_is_none(tmp_path, text):
    (tmp_path / "status.json").write_text(text)
    assert read_run_status(tmp_path) is None


HOLDER = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_one_process_s(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.1)
    assert not is_running(tmp_path)
    command = [sys.executable, "-c", HOLDER, tmp_path / ".running"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        assert is_running(tmp_path)
        with pytest.raises(ConvwrightError, match="another process trains in"), writing_run_status(tmp_path):
            pass
        other.kill()
    assert not is_running(tmp_path)
    monkeypatch.setenv("LOCAL_RANK", "1")
    with writing_run_status(tmp_path), writing_run_status(tmp_path):  # processes of one run
        assert not is_running(tmp_path)


def test_a_run_of_an_earlier_version_is_read(tmp_path):
    with writing_run_status(tmp_path) as watch:
        watch(report(100, 3.0))
    now = read_run_status(tmp_path)
    assert now.step == 100
    (tmp_path / "status.json").rename(tmp_path / "trail.json")
    assert read_run_status(tmp_path) == now
    with pytest.raises(RuntimeError), writing_run_status(tmp_path):
        raise RuntimeError("the recipe changed")  # an attempt to resume that never began
    assert read_run_status(tmp_path) == now
