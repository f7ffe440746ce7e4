"""The report of a study: every format says the same, and the page opens alone."""

import json
from dataclasses import replace

import pytest
from markupsafe import Markup

from convwright.errors import ConvwrightError
from convwright.reports.study.page import picture_makers, read_result, study_json, study_markdown, write_study_report
from convwright.reports.study.page import study_page as page_of
from reference.html import Page
from reference.study_results import BASE, COSTS, DOWN, UP, arm, result

DEAR = COSTS | {"macs": 500_000}


def study_page(study, diagrams=None):
    return page_of(study, {name: draw() for name, draw in picture_makers(study).items()}, diagrams)


@pytest.fixture(scope="module")
def study():
    return result(arm("max", BASE), arm("up", UP, costs=DEAR, expected="better"), arm("down", DOWN))


def test_every_format_has_the_answer_and_every_arm(study):
    answer = study.summary.answer
    for text in (study_page(study), study_markdown(study), study_json(study)):
        assert answer in text
        assert all(name in text for name in ("max", "up", "down"))
        assert "2.35" in text
    assert study_json(study).count('"verdict": "better"') == 1


def test_the_page_opens_alone_and_is_escaped(study):
    page = study_page(study, {"max": Markup('<svg class="network"></svg>')})
    assert Page(page).unclosed == Page(page).fetched == []
    assert page.count("data:image/png") == 3
    assert "Does &lt;it&gt; matter?" in page
    assert '<svg class="network"></svg>' in page
    assert "Designs" not in study_page(study)
    assert "Source: nobody.</p>" in page
    for words in ("convwright study run small-study --budget quick", "optimizer.lr", "a computer", "agrees"):
        assert words in page


def test_markdown_is_tables_and_a_command(study):
    text = study_markdown(study)
    assert text.startswith("# Does <it> matter?\n\n**Better than max: up (+2.35 points)")
    assert "| up | better | 1.00 k | 500 k | 73.60 ± 1.17 | 8 |" in text
    assert "$ convwright study run small-study --budget quick" in text
    assert "\n\n\n" not in text


def test_json_has_the_plain_values_and_the_summary(study):
    read = json.loads(study_json(study))
    assert read["schema"] == 1
    assert read["result"] == study.to_dict()
    assert read["summary"]["fronts"]["macs"] == ["max", "up"]


def test_all_files_are_written(study, tmp_path):
    page = write_study_report(tmp_path / "report", study)
    assert {path.name for path in page.parent.iterdir()} == {
        "report.html", "report.md", "report.json", "cost.png", "curves.png", "differences.png",
    }  # fmt: skip
    assert page.read_text() == study_page(study)
    assert (page.parent / "report.md").read_text() == study_markdown(study)


def test_a_report_is_read_again(study, tmp_path):
    write_study_report(tmp_path, study)
    assert read_result(tmp_path) == read_result(tmp_path / "report.json") == study


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "expected a study's report.json of schema 1"),
        ('{"schema": 2, "result": {}}', "expected a study's report.json of schema 1"),
        ('{"schema": 1, "result": {"arms": []}}', "not what this version of convwright writes .KeyError: 'study'"),
        ('{"schema": 1, "result": []}', "not what this version of convwright writes"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path, text, said):
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ConvwrightError, match=said):
        read_result(tmp_path)


def test_a_study_that_has_hardly_begun_has_a_report():
    begun = result(arm("max", BASE[:1]), arm("up", []), num_missing=15, environments=[])
    page = study_page(begun)
    assert "Nothing to compare" in page
    assert "15 runs are still to be done." in page
    assert page.count("data:image/png") == 1  # curves
    empty = result(arm("max", []), arm("up", []))
    assert "data:image/png" not in study_page(empty)
    assert "How many seeds" not in study_markdown(empty)


def test_several_machines_are_all_listed(study):
    page = study_page(replace(study, environments=({"machine": "one"}, {"machine": "two"})))
    assert "Machine 1" in page
    assert "Machine 2" in page
