"""`convwright study`, from the command line to the ledger."""

import pytest
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError
from convwright.studies import Ledger, make_plan, studies, worker
from reference.tiny_study import STUDY, arm, with_arm


def invoke(*arguments, code=0):
    result = CliRunner().invoke(app, ["study", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(autouse=True)
def _own_folder_and_library(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    library = {"tiny": STUDY, "shaky": with_arm(STUDY, arm("broken", fails=True))}
    monkeypatch.setattr("convwright.studies.catalog.studies", lambda: library)


def run(*more, **asked):
    return invoke("run", "tiny", "--budget", "smoke", "--device", "cpu", *more, **asked)


def test_all_studies_are_listed(monkeypatch):
    monkeypatch.undo()
    said = invoke("list")
    assert all(name in said for name in studies())


def test_a_study_is_shown_with_its_costs():
    said = invoke("show", "tiny")
    assert "Which pool?" in said
    assert "Expected: The average." in said
    assert "max (baseline)" in said
    assert "13.8 k" in said  # 3 * 8 * 9 * 64 + 8 * 3 multiply-accumulates
    assert "Proved: macs as the baseline's." in said


def test_a_study_is_run_and_its_status_told(tmp_path):
    said = run("--seeds", 1)
    assert "tiny, smoke: 2 arms x 1 seed on 24 training images of tiny (changed: seeds=1)" in said
    assert "average, seed 0: test accuracy" in said
    assert "Run otherwise than the study says: seeds=1." in said
    with Ledger(tmp_path / "convwright-studies/ledger.db") as ledger:
        assert [entry.state for entry in ledger.entries()] == ["done"] * 2
    assert said.splitlines()[-1].startswith("wrote convwright-studies/reports/tiny-smoke-")
    assert [line.split() for line in invoke("status").splitlines()][1] == ["tiny", "smoke", "2", "0", "0", "0"]


def test_a_second_run_does_nothing(monkeypatch):
    run("--seeds", 1, "--run", "own")
    monkeypatch.setattr(worker, "train", None)
    assert "2 of 2 runs were done before" in run("--seeds", 1, "--run", "own")


def test_a_run_ends_with_the_answer_and_its_report_last():
    said = run("--output", "page")
    assert "Too few seeds to tell: average less max is " in said
    assert "n = 2" in said
    assert "p below 0.05 takes 6 seeds" in said
    assert said.splitlines()[-1] == "wrote page/report.html"


def test_a_report_is_written_without_training(tmp_path, monkeypatch):
    told = run("--output", "first")
    monkeypatch.setattr(worker, "train", None)
    said = invoke("report", "tiny", "--budget", "smoke", "--output", "second")
    assert said.splitlines()[:-1] == told.splitlines()[-len(said.splitlines()) : -1]
    for name in ("report.html", "report.json", "report.md"):
        assert (tmp_path / "second" / name).read_text() == (tmp_path / "first" / name).read_text()


def test_a_report_of_other_settings_says_what_to_give(monkeypatch):
    run("--set", "optimizer.lr=0.01")
    monkeypatch.setattr(worker, "train", None)
    words = "no finished run of tiny at smoke as asked; 4 finished runs have other settings; to report those"
    with pytest.raises(ConvwrightError, match=words):
        invoke("report", "tiny", "--budget", "smoke")
    said = invoke("report", "tiny", "--budget", "smoke", "--set", "optimizer.lr=0.01")
    assert "Run otherwise than the study says: optimizer.lr=0.01." in said


def test_what_failed_is_told_with_exit_code_2():
    said = invoke("run", "shaky", "--budget", "smoke", "--seeds", 1, "--device", "cpu", code=2)
    assert "failed: arm broken, seed 0" in said
    assert "broken failed with seed 0: its means are of the other seeds." in said
    assert "this layer breaks in training" in said
    assert "Traceback" not in said
    told = invoke("status")
    assert "failed: tiny, arm broken, seed 0: Traceback" in told
    assert "this layer breaks in training" in told


def test_ctrl_c_says_how_to_go_on(monkeypatch):
    def stopped(*_given, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr(worker, "train", stopped)
    assert "stopped; the same command goes on" in run(code=130)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ((), None),
        (("--ray",), "auto"),
        (("--ray", "--device", "cpu"), "auto"),
        (("--ray", "head:6379"), "head:6379"),
        (("--ray=head:6379",), "head:6379"),
        (("--set", "x=--ray"), None),
    ],
)
def test_ray_may_stand_without_an_address(monkeypatch, given, asked):
    def run_plan(_plan, **named):
        raise ConvwrightError(f"asked of Ray: {named['ray']}")

    monkeypatch.setattr("convwright.studies.make_plan", lambda *_given, **_named: make_plan(STUDY, budget="smoke"))
    monkeypatch.setattr("convwright.studies.run_plan", run_plan)
    with pytest.raises(ConvwrightError, match=f"asked of Ray: {asked}$"):
        invoke("run", "tiny", *given)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "tinny"), "did you mean tiny"),
        (("run", "tiny", "--budget", "smok"), "did you mean smoke"),
        (("run", "tiny", "--budget", "smoke", "--arm", "averge"), "did you mean average"),
        (("run", "tiny", "--budget", "smoke", "--set", "optimiser.lr=1"), "optimizer"),
        (("run", "tiny", "--budget", "smoke", "--set", "precision=auto"), "expected fp32, bf16 or fp16"),
        (("run", "tiny", "--budget", "smoke", "--ledger", "oracle://x"), "ledger: expected a file, or postgresql"),
        (("status", "--run", "nowhere"), "there is no ledger"),
        (("report", "tiny", "--budget", "smoke"), "there is no ledger"),
    ],
)
def test_a_wrong_request_is_explained(arguments, said):
    with pytest.raises(ConvwrightError, match=said):
        invoke(*arguments)
