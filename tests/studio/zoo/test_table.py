"""The table of the zoo: its figures, and what a budget leaves of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.models import build, model_names
from convwright.models.published import published_top1
from convwright.studio.shared.workbench import Workbench
from convwright.studio.zoo.table import TITLES, ZooQuery, ZooRow, ZooTable, best_for, read_query


def row(model="net", *, macs=10, top1=math.nan, **more):
    costs = {"parameters": 1_000_000, "activation_bytes": 3, "peak_bytes": 4, "field_px": 99, "input_px": 32} | more
    return ZooRow(model=model, family="some", macs=macs, top1_percent=top1, **costs)


def names(rows):
    return [each.model for each in rows]


def test_a_row_is_what_analyze_says_and_what_is_published(monkeypatch):
    monkeypatch.setattr("convwright.studio.zoo.table.model_names", lambda: ["resnet18", "resnet20"])
    bench = Workbench()
    zoo = ZooTable(bench)
    zoo.more(60.0)
    assert names(zoo.rows) == ["resnet18", "resnet20"]
    first, second = zoo.rows
    totals = analyze(build("resnet18", device="meta").eval(), (1, 3, 224, 224)).totals
    assert (first.parameters, first.macs, first.field_px) == (
        totals.parameters,
        totals.macs,
        totals.receptive_field_px[0],
    )
    assert (first.activation_bytes, first.peak_bytes) == (totals.activation_bytes, totals.peak_inference_bytes)
    assert first.top1_percent == published_top1("resnet18")[0].top1_percent
    assert (second.input_px, second.cells[-1]) == (32, "")
    assert len(first.cells) == len(TITLES)
    rows = list(zoo.rows)
    zoo.more(60.0)
    assert zoo.rows == rows
    assert len(bench._views) == 0


def test_work_stops_when_its_time_is_up():
    zoo = ZooTable(Workbench())
    zoo.more()
    assert len(zoo.rows) == 1
    zoo.more(1e-9)
    assert len(zoo.rows) == 2
    assert not zoo.is_whole
    assert zoo.num_models == len(model_names())


def test_a_budget_of_the_issue():
    query = read_query({"parameters_m": "1", "macs_m": "100", "field_px": "128"})
    fits = row("fits", parameters=1_000_000, macs=100_000_000, field_px=128)
    over = [
        row("many", parameters=1_000_001, field_px=128),
        row("slow", macs=100_000_001, field_px=128),
        row("near", field_px=127),
    ]
    assert query.of([*over, fits]) == [fits]


def test_words_are_looked_for_in_both_names():
    rows = [row("resnet18"), row("vgg16")]
    assert names(ZooQuery(words="NET1").of(rows)) == ["resnet18"]
    assert names(ZooQuery(words="some").of(rows)) == ["resnet18", "vgg16"]


def test_names_are_sorted_as_people_count_and_what_is_not_known_comes_last():
    rows = [row("resnet101", top1=3.0), row("resnet18"), row("resnet50", top1=7.0)]
    assert names(ZooQuery().of(rows)) == ["resnet18", "resnet50", "resnet101"]
    assert names(ZooQuery(is_falling=True).of(rows)) == ["resnet101", "resnet50", "resnet18"]
    assert names(ZooQuery(order="top1_percent").of(rows)) == ["resnet101", "resnet50", "resnet18"]
    assert names(ZooQuery(order="top1_percent", is_falling=True).of(rows)) == ["resnet50", "resnet101", "resnet18"]


@given(st.lists(st.integers(0, 50), max_size=20), st.sampled_from(["macs", "parameters", "field_px"]), st.booleans())
def test_sorting_is_that_of_the_numbers(values, column, is_falling):
    rows = [row(**{column: value}) for value in values]
    found = [getattr(each, column) for each in ZooQuery(order=column, is_falling=is_falling).of(rows)]
    assert found == sorted(values, reverse=is_falling)


def test_a_wish_survives_as_texts():
    asked = {"words": "x", "parameters_m": 2.5, "macs_m": 300.0, "field_px": 5.0, "order": "macs", "is_falling": True}
    query = ZooQuery(**asked, cost="parameters", picked="resnet18,vgg16")
    assert read_query(query.texts()) == query
    begin = "?words=x&parameters_m=2.5&macs_m=300&field_px=5&order=macs&is_falling=yes"
    assert query.address() == f"{begin}&cost=parameters&picked=resnet18%2Cvgg16"
    assert read_query({}) == read_query({"words": "", "macs_m": " "}) == ZooQuery()


@pytest.mark.parametrize(
    "texts",
    [
        {"macs_m": "few"},
        {"macs_m": "-1"},
        {"field_px": "nan"},
        {"order": "beauty"},
        {"picked": "resnet999"},
        {"cost": "model"},
    ],
)
def test_what_is_no_wish_is_refused(texts):
    with pytest.raises(ConvwrightError, match=next(iter(texts))):
        read_query(texts)


def test_the_best_have_no_other_that_costs_less_and_knows_as_much():
    rows = [row("a", macs=1, top1=60.0), row("b", macs=2, top1=59.0), row("c", macs=3, top1=70.0), row("d", macs=0)]
    assert best_for(rows, "macs") == {"a", "c"}
    assert best_for([*rows, row("e", macs=9, top1=70.0, parameters=1)], "parameters") == {"e"}
