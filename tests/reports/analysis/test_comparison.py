"""The comparison: the chapter's table, who is beaten by whom, and every format of it."""

import json
from dataclasses import replace

import pytest

from convwright.analysis.analyze import analyze
from convwright.analysis.latency import Latency
from convwright.models import build
from convwright.models.published import published_top1
from convwright.reports.analysis.comparison import (
    ComparedNetwork,
    NetworkComparison,
    comparison_markdown,
    comparison_page,
    comparison_text,
    pareto_front,
)
from convwright.reports.to_json import as_json
from convwright.reports.to_text import as_string
from reference.html import Page

CHAPTER = {  # parameters in millions and GMACs, as torchvision's weight metadata has them
    "vgg16": (138.36, 15.47),
    "resnet50": (25.56, 4.089),
    "densenet121": (7.98, 2.834),
    "efficientnet_b0": (5.29, 0.386),
    "mobilenet_v3_large": (5.48, 0.217),
}


@pytest.fixture(scope="module")
def chapter():
    rows = []
    for name in CHAPTER:
        top1 = published_top1(name)[0]
        facts = analyze(build(name, device="meta").eval(), (1, 3, 224, 224), label=name)
        rows.append(ComparedNetwork.of(facts, top1_percent=top1.top1_percent, source=top1.source))
    return NetworkComparison(rows=tuple(rows))


def test_the_chapters_figures(chapter):
    for row in chapter.rows:
        parameters, macs = CHAPTER[row.label]
        assert round(row.totals.parameters / 1e6, 2) == parameters
        assert row.totals.macs / 1e9 == pytest.approx(macs, abs=0.006 if macs > 10 else 0.0006)


def test_the_front_is_what_nothing_beats(chapter):
    assert [row.label for row in pareto_front(chapter.rows)] == ["efficientnet_b0", "mobilenet_v3_large"]


def test_a_row_without_accuracy_is_shown_but_never_on_the_front(chapter):
    row = replace(chapter.rows[0], top1_percent=None, source="")
    assert pareto_front([row]) == []
    assert "vgg16" in as_string(comparison_text(NetworkComparison(rows=(row,))))


def test_what_is_not_known_neither_is_on_the_front_nor_puts_another_there(chapter):
    known, cheap = chapter.rows[0], replace(chapter.rows[3], top1_percent=None, source="")
    assert pareto_front([known, cheap]) == []
    assert "no other" not in comparison_markdown(NetworkComparison(rows=(known, cheap)))
    assert [row["pareto"] for row in NetworkComparison(rows=(known, cheap)).to_dict()["models"]] == [None, None]
    # MACs of which some are not counted are no MACs to win with.
    uncounted = replace(chapter.rows[4], uncounted=({"kind": "fft"},))
    rows = (*chapter.rows[:4], uncounted)
    fronts = [row["pareto"] for row in NetworkComparison(rows=rows).to_dict()["models"]]
    assert fronts == [False, False, False, True, None]
    assert [row.label for row in pareto_front(rows)] == ["efficientnet_b0"]
    assert "no other of the 4 with a published accuracy" in comparison_markdown(NetworkComparison(rows=rows))
    assert [row["pareto"] for row in NetworkComparison(rows=rows).to_dict()["models"]] == [
        False,
        False,
        False,
        True,
        None,
    ]


def test_the_spread_stands_beside_the_median(chapter):
    times = Latency(batch_size=1, precision="fp32", compiled=False, device="cpu", seconds=(0.01, 0.012, 0.02))
    rows = (replace(chapter.rows[0], latency=times),)
    line = comparison_markdown(NetworkComparison(rows=rows)).splitlines()[4]
    assert "| 12.0 ms | 10.0 to 20.0 ms |" in line


def test_a_column_in_which_nothing_stands_is_left_out(chapter):
    bare = NetworkComparison(rows=(replace(chapter.rows[0], top1_percent=None, source=""),))
    first = comparison_markdown(bare).splitlines()[2]
    assert "MACs" in first
    assert not any(title in first for title in ("latency", "top-1", "source"))
    assert "top-1" in comparison_markdown(chapter)


def test_every_format_has_every_row(chapter):
    page = comparison_page(chapter)
    for text in (as_string(comparison_text(chapter), width=160), comparison_markdown(chapter), page):
        assert all(name in text for name in CHAPTER)
        assert "76.13" in text
    assert page.count("<svg") == 1
    assert "Pareto front" in page
    assert Page(page).fetched == Page(page).unclosed == []
    read = json.loads(as_json(chapter.to_dict()))
    assert [row["pareto"] for row in read["models"]] == [False, False, False, True, True]
    assert read["models"][1]["top1_source"] == "torchvision IMAGENET1K_V1"


def test_published_accuracies_are_torchvisions():
    from torchvision.models import ResNet50_Weights

    first, second = published_top1("resnet50")
    assert first.top1_percent == ResNet50_Weights.IMAGENET1K_V1.meta["_metrics"]["ImageNet-1K"]["acc@1"]
    assert second.source == "torchvision IMAGENET1K_V2"
    assert published_top1("resnet20") == ()
