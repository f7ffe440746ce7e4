"""What is started here can be stopped here, and nothing else."""

import json
import time

import pytest

from convwright.errors import ConvwrightError
from convwright.studio.runs import jobs as module
from convwright.studio.runs.jobs import Jobs, shell_line, tail

LOOPS = """
import signal, sys, time
print("begun", flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("kept")
    sys.exit(130)
"""


@pytest.fixture
def jobs(tmp_path):
    made = Jobs(tmp_path)
    yield made
    made.end(10)


@pytest.fixture
def loops(monkeypatch):
    """The words are no command: they are run by Python itself."""
    monkeypatch.setattr(module, "_PROGRAM", ("python", "-c"))


def until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_command_runs_and_says_what_it_says(jobs, tmp_path):
    jobs.start("sizes", ["sizes", "--help"], tmp_path / "deep/output.txt")
    until(lambda: not jobs.is_running("sizes"))
    assert jobs.exit_code("sizes") == 0
    assert "Usage" in tail(tmp_path / "deep/output.txt")
    assert jobs.command("sizes") == "python -m convwright sizes --help"
    assert jobs.names == ["sizes"]
    assert (jobs.command("other"), jobs.exit_code("other"), jobs.is_running("other")) == ("", None, False)


@pytest.mark.usefixtures("loops")
def test_stopping_is_ctrl_c(jobs, tmp_path):
    output = tmp_path / "out.txt"
    jobs.start("a", [LOOPS], output)
    until(lambda: tail(output) == "begun\n")
    with pytest.raises(ConvwrightError, match="a is running already"):
        jobs.start("a", [LOOPS], output)
    jobs.stop("a")
    until(lambda: not jobs.is_running("a"))
    assert jobs.exit_code("a") == 130
    assert tail(output) == "begun\nkept\n"
    assert not jobs.is_stopping("a")
    assert not jobs.has_failed("a")
    with pytest.raises(ConvwrightError, match="a is not running here; what was started elsewhere is stopped there"):
        jobs.stop("a")
    with pytest.raises(ConvwrightError, match="b is not running here"):
        jobs.stop("b")


@pytest.mark.usefixtures("loops")
def test_at_the_end_all_are_stopped(jobs, tmp_path):
    for name in ("a", "b"):
        jobs.start(name, [LOOPS], tmp_path / name)
        until(lambda name=name: tail(tmp_path / name) == "begun\n")
    jobs.end(30)
    assert [jobs.exit_code(name) for name in ("a", "b")] == [130, 130]


@pytest.mark.usefixtures("loops")
def test_words_are_words_whatever_is_in_them(jobs, tmp_path):
    odd = ["a b", "$(touch x)", "; touch x", "`touch x`", "*"]
    jobs.start("a", ["import json, sys; print(json.dumps(sys.argv[1:]))", *odd], tmp_path / "out.txt")
    until(lambda: not jobs.is_running("a"))
    assert json.loads(tail(tmp_path / "out.txt")) == odd
    assert not (tmp_path / "x").exists()
    assert "'$(touch x)'" in shell_line(odd)


def test_of_long_outputs_the_end_is_shown(tmp_path):
    lines = "".join(f"line {number}\n" for number in range(9_999))
    (tmp_path / "out.txt").write_text(lines)
    said = tail(tmp_path / "out.txt")
    assert said.startswith("... line")
    assert said.endswith("line 9998\n")
    assert len(said) < 17_000
    assert tail(tmp_path / "none") == ""
