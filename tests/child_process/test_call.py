"""Calls in processes of their own: what they return, and what becomes of those that do not."""

import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from convwright.child_process import SERVER, ChildCall, EndedCallError, Limits, call, calls, heard_by
from convwright.errors import ConvwrightError
from reference import misbehavior as bad

LIMITS = Limits(seconds=0.5, memory_bytes=2**27)


PATIENT = Limits(seconds=30.0, memory_bytes=2**27)


def answer(function, *arguments, limits=PATIENT):
    task = ChildCall(label="net.py", function=function, arguments=arguments)
    return call(task, limits=limits, users_place=bad.place_here)


def is_alive(pid):
    """Return whether a process runs; one that ended and was not asked for does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_values_and_errors_come_back():
    assert answer(bad.divided, 6, 3) == 2
    with pytest.raises(ConvwrightError, match="by: expected a number, got 0") as caught:
        answer(bad.divided, 6, 0)
    assert caught.value.got == "0"


def test_prints_go_to_stderr_and_the_folder_is_the_same(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    folder, pid = answer(bad.printing)
    assert (folder, pid != os.getpid()) == (str(tmp_path), True)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.index("to Python's output\n") < err.index("as bytes\n")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (bad.looping, r"net.py did not come back within 0.5 s: got '(pass|while True:)' \(.*misbehavior.py:\d+\)"),
        (bad.holding_the_interpreter, r"did not come back within 0.5 s: got 'return 7 \*\* .*misbehavior.py"),
        (bad.leaving, r"net.py cannot be looked at: SystemExit: os._exit\(3\): got 'os._exit\(3\)' \(.*misbehavior"),
        (bad.dying_in_c, r"net.py ended the process that looked at it, by SIGSEGV: got 'ctypes.string_at\(0\)'"),
        (bad.sinking, r"(by SIGSEGV|RecursionError).*misbehavior.py:\d+\)"),
        (bad.raising, r"net.py cannot be looked at: IndexError: list index out of range: got 'return \[\]\[1\]'"),
        (bad.returning_a_lambda, r"net.py cannot be looked at: .*pickle"),
        (bad.hoarding, r"net.py needs too much memory: expected at most 128 MiB"),
        (partial(bad.swallowing, 2**40), r"net.py needs too much memory: expected at most 128 MiB"),
    ],
)
def test_what_does_not_come_back_is_one_sentence(function, words):
    with pytest.raises(ConvwrightError, match=words) as caught:
        answer(*unfolded(function), limits=LIMITS if "0.5 s" in words else PATIENT)
    assert "\n" not in str(caught.value)


def unfolded(function):
    return (function.func, *function.args) if isinstance(function, partial) else (function,)


def test_each_step_has_its_time_and_is_heard():
    steps = []
    with heard_by(lambda step: steps.append((step.text, step.is_limited))):
        assert answer(bad.announcing, 4, 0.25, limits=LIMITS) == 4
    assert steps == [("step 0", True), ("step 1", False), ("step 2", True), ("step 3", True)]


def test_a_process_that_forks_stays_one():
    assert len(answer(bad.multiplying)) == 2


def test_answers_come_as_they_are_ready_and_one_that_fails_harms_no_other():
    tasks = [ChildCall(label="loops", function=bad.looping)]
    tasks += [ChildCall(label=str(number), function=bad.divided, arguments=(6, number)) for number in range(3)]
    found = {
        task.label: value for task, value in calls(tasks, limits=LIMITS, users_place=bad.place_here, num_processes=2)
    }
    assert sorted(found) == ["0", "1", "2", "loops"]
    assert [found["1"], found["2"]] == [6, 3]
    assert [isinstance(found[label], ConvwrightError) for label in ("0", "loops")] == [True, True]


@pytest.mark.parametrize("end", [bad.looping, bad.leaving, bad.dying_in_c, bad.hoarding])
def test_what_was_yielded_before_the_end_has_come(end):
    task = ChildCall(label="net.py", function=bad.yielding_until, arguments=(end,))
    limits = LIMITS if end is bad.looping else PATIENT
    *values, error = [value for _, value in calls([task], limits=limits, users_place=bad.place_here)]
    assert values == [1, 2]
    assert isinstance(error, EndedCallError)
    assert error.subject == "net.py:Third"
    assert str(error).startswith("net.py:Third ")


PARENT = """
import sys
from convwright.child_process import SERVER, ChildCall, Limits, call
from reference import misbehavior as bad
if sys.argv[1] == "fork":
    SERVER.fork_from_here()
task = ChildCall(label="net.py", function=bad.starting_others, arguments=(sys.argv[2],))
call(task, limits=Limits(seconds=60.0), users_place=bad.place_here)
"""


@pytest.mark.parametrize("way", ["fork", "server"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_survives_the_parent(way, number, tmp_path):
    program, file = tmp_path / "program.py", tmp_path / "pids"
    program.write_text(f"if __name__ == '__main__':\n{PARENT}".replace("\n", "\n    "))
    command = [sys.executable, program, way, file]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True) as parent:
        wait_until(lambda: file.exists() and len(file.read_text().split()) == 2, 20.0)
        child, other = map(int, file.read_text().split())
        assert is_alive(child)
        parent.send_signal(number)
    wait_until(lambda: not is_alive(child))
    if number == signal.SIGINT or way == "server":
        wait_until(lambda: not is_alive(other))
    else:
        os.kill(other, signal.SIGKILL)


def test_a_process_may_say_that_it_is_forked():
    server = type(SERVER)()
    server.fork_from_here()
    assert server.context(bad.looping).get_start_method() == "fork"
