"""The report of a comparison of strategies: every format says the same, and the page opens alone."""

import json
from dataclasses import replace

import pytest

from convwright.reports.transfer.page import picture_makers, transfer_markdown, transfer_page, write_transfer_report
from convwright.transfer_learning.summary import TransferSummary
from reference.html import Page
from reference.outcomes import outcome, transfer_result
from reference.tiny_training import tiny_net


@pytest.fixture(scope="module")
def found():
    right, few = [True] * 27 + [False] * 3, [True] * 20 + [False] * 10
    outcomes = [outcome(right, seed=seed, model=tiny_net().eval()) for seed in (0, 1)]
    outcomes += [replace(outcome(few, seed=seed, share=0.5), num_images=1) for seed in (0, 1)]
    return replace(transfer_result(*outcomes), notes=("a <note>",))


@pytest.fixture(scope="module")
def written(found, tmp_path_factory):
    return write_transfer_report(tmp_path_factory.mktemp("report"), found).parent


def test_all_files_are_written(written):
    assert {path.name for path in written.iterdir()} == {
        "report.html", "report.md", "report.json", "learning_curve.png", "confusion.png", "mistakes.png", "right.png",
    }  # fmt: skip


def test_every_format_has_the_answer(written, found):
    answer = found.recommendation.reason
    for name in ("report.html", "report.md", "report.json"):
        text = (written / name).read_text()
        assert answer in text
        assert "somewhere.pth" in text


def test_the_page_opens_alone_and_is_escaped(written):
    page = (written / "report.html").read_text()
    assert Page(page).unclosed == Page(page).fetched == []
    assert page.count("data:image/png") == 4
    assert "a &lt;note&gt;" in page
    assert "convwright transfer --data photos/" in page


def test_json_has_the_plain_values(written, found):
    read = json.loads((written / "report.json").read_text())
    assert read["schema"] == 1
    assert read["result"]["rows"][0]["test_accuracy"]["mean"] == found.rows[0].test_accuracy.mean == 0.9
    assert transfer_markdown(TransferSummary.from_dict(read["result"])) == (written / "report.md").read_text()


def test_markdown_is_tables_and_a_command(written):
    text = (written / "report.md").read_text()
    assert text.startswith("# resnet20 on tiny\n\n**Ship probe: ")
    assert "| probe | made up | 90.0 | 90.0 ± 0.0 |" in text
    assert "\n\n\n" not in text


def test_what_has_nothing_to_say_is_left_out(found):
    single = TransferSummary.from_dict(replace(found, outcomes=found.outcomes[:1]).to_dict())
    assert set(picture_makers(single)) == {"confusion.png"}
    page = transfer_page(single, {})
    for title in ("Learning curve", "against the others", "Every run", "What learned"):
        assert title not in page
