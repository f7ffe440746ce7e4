"""Accuracy against cost as a picture: every point where it belongs, named, and a link."""

import math
from xml.etree import ElementTree

import pytest

from convwright.studio.zoo.plot import zoo_plot
from convwright.studio.zoo.table import ZooRow


def row(model, macs, top1):
    costs = {"parameters": 10 * macs, "activation_bytes": 3, "peak_bytes": 4, "field_px": 99, "input_px": 32}
    return ZooRow(model=model, family="some", macs=macs, top1_percent=top1, **costs)


ROWS = [row("small", 10**7, 60.0), row("good", 10**8, 75.0), row("poor", 10**9, 65.0), row("new", 10**9, math.nan)]


def drawn(rows=ROWS, cost="macs", admitted=(), picked=()):
    return ElementTree.fromstring(zoo_plot(rows, cost, admitted, picked))


def circles(picture):
    found = {}
    for link in picture.iter("a"):
        circle = link.findall("circle")[-1]
        found[link.get("id")] = float(circle.get("cx")), float(circle.get("cy"))
    return found


def test_points_stand_where_their_values_are():
    places = circles(drawn())
    assert places.keys() == {"point-small", "point-good", "point-poor"}
    (x1, y1), (x2, y2), (x3, y3) = places.values()
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)  # a decade each
    assert (y1 - y2) / (y1 - y3) == pytest.approx(15 / 5, rel=0.01)
    assert y2 < y3 < y1


def test_grid_and_points_have_one_scale():
    picture = drawn()
    ticks = {text.text: float(text.get("x")) for text in picture.iter("text") if text.get("class") == "tick"}
    assert ticks["100 M"] == pytest.approx(circles(picture)["point-good"][0], abs=0.11)
    heights = {text.text: float(text.get("y")) - 4 for text in picture.iter("text") if text.get("class") == "tick left"}
    assert heights["60"] == pytest.approx(circles(picture)["point-small"][1], abs=0.11)


def test_the_front_goes_through_the_best():
    picture = drawn()
    places = circles(picture)
    line = [tuple(map(float, pair.split(","))) for pair in picture.find("polyline").get("points").split()]
    assert line == [places["point-small"], places["point-good"]]


def test_what_is_within_the_budget_and_what_was_picked_is_said_and_shown():
    links = {link.get("id"): link for link in drawn(admitted={"good"}, picked=("poor",)).iter("a")}
    assert links["point-good"].get("class") == "point inside"
    assert links["point-poor"].get("class") == "point picked"
    assert links["point-poor"].get("aria-label") == "poor: 65.00 %, 1.00 G MACs, not within the budget"
    assert links["point-good"].get("href") == "/?model=good"


def test_labels_do_not_lie_over_each_other():
    crowd = [row(f"network_{number}", 10**8 + number * 10**6, 70 + number / 50) for number in range(40)]
    texts = [text for link in drawn(crowd).iter("a") for text in link.findall("text")]
    assert 3 < len(texts) < 40
    shifts = {"start": 0, "middle": 0.5, "end": 1}
    widths = [6.7 * len(t.text) for t in texts]
    lefts = [float(t.get("x")) - shifts[t.get("text-anchor")] * width for t, width in zip(texts, widths, strict=True)]
    boxes = [(x, float(t.get("y")), width) for t, x, width in zip(texts, lefts, widths, strict=True)]
    for number, (x, y, width) in enumerate(boxes):
        for other_x, other_y, other_width in boxes[number + 1 :]:
            assert x + width <= other_x + 0.1 or other_x + other_width <= x or abs(y - other_y) >= 12


def test_one_model_or_none_is_no_problem():
    assert len(circles(drawn(ROWS[:1]))) == 1
    assert zoo_plot(ROWS[3:], "macs", (), ()) == ""


def test_names_are_escaped():
    text = zoo_plot([row("<script>", 10**7, 60.0)], "macs", (), ())
    assert "<script>" not in text
