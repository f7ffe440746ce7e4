"""`convwright study compare`: what may be named."""

import pytest
from typer.testing import CliRunner

from convwright.cli._study_compare import result_of
from convwright.cli.main import app
from convwright.reports.study.page import write_study_report
from convwright.studies import make_plan, run_plan
from reference.study_results import BASE, DOWN, UP, arm, result
from reference.tiny_study import STUDY


def invoke(*arguments):
    done = CliRunner().invoke(app, ["study", "compare", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


@pytest.fixture
def reports(tmp_path):
    write_study_report(tmp_path / "one", result(arm("max", BASE), arm("up", UP)))
    write_study_report(tmp_path / "two", result(arm("max", BASE), arm("up", DOWN), arm("more", UP)))
    return tmp_path


def test_two_reports_stand_side_by_side(reports, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    said = invoke(reports / "one", reports / "two/report.json")
    assert "first: up is 2.35 points better than max" in said
    assert "second: Better than max: more" in said
    assert "-5.70 -6.11 to -5.29, paired" in said
    assert "better -3.35 (-3.55 to -3.15) worse disagrees" in said
    assert "The settings are the same. In one of them only: more." in said


def test_a_result_may_be_what_a_ledger_knows(tmp_path, monkeypatch):
    monkeypatch.setattr("convwright.studies.catalog.studies", lambda: {"tiny": STUDY})
    ran = run_plan(make_plan(STUDY, budget="smoke"), folder=tmp_path, device="cpu")
    assert result_of("tiny:smoke", None, tmp_path) == ran
    assert "The settings are the same." in invoke("tiny:smoke", "tiny:smoke", "--run", tmp_path)
