"""The walk as HTML: every number that the script shows was computed here."""

import html
import json
import re

import pytest
import torch

from convwright.studio.bricks.layers import brick_names
from convwright.studio.bricks.pixels import liveliest_crop
from convwright.studio.bricks.state import read_lesson
from convwright.studio.shared.photographs import Photographs

IMAGE = Photographs().get("chelsea")


def walk_of(texts, image):
    state = read_lesson(texts)
    return state.lesson.measure(state.values, image).content


def data_of(text):
    return json.loads(html.unescape(re.search(r'data-walk="([^"]*)"', text)[1]))


@pytest.mark.parametrize("brick", brick_names())
def test_there_is_a_stop_for_each_number_of_the_output(brick):
    text = walk_of({"brick": brick, "stride": "2", "padding": "1", "dilation": "2"}, IMAGE)
    data = data_of(text)
    cells = re.findall(r'data-stop="(\d+)"><rect[^>]*/><text[^>]*>([^<]*)</text>', text)
    assert len(cells) == len(data["stops"])
    for (_, shown), stop in zip(cells, data["stops"], strict=True):
        assert stop["words"].endswith(f" = {shown}")
        assert len(stop["taps"]) == len(stop["fills"]) == 9
    last = 12 + 2 - (1 + 2 * (2 if brick in ("convolution", "max") else 1))
    assert f"= <b>{last // 2 + 1}</b>" in text


def test_the_map_is_the_crop_and_padding_is_not_a_number():
    text = walk_of({"padding": "2"}, IMAGE)
    first = data_of(text)["stops"][0]
    assert (first["x"], first["y"]) == (0, 0)
    corner = liveliest_crop(IMAGE).values[0, 0, 0, 0].item()
    assert [tap and tap[0] for tap in first["taps"]] == [None] * 8 + [f"{corner:g}"]
    assert first["taps"][8][1:] == ["0.25", 1.0]
    assert text.count("<g><rect") == 12 * 12


def test_signs_have_colors_and_brightness_is_gray():
    edges = walk_of({}, IMAGE)
    assert "gray is 0" in edges
    values = [float(v) for v in re.findall(r'data-stop="\d+"><rect[^>]*/><text[^>]*>([^<]*)</text>', edges)]
    fills = re.findall(r'data-stop="\d+"><rect[^>]* fill="#(\w\w)(\w\w)(\w\w)"', edges)
    for value, (red, _, blue) in zip(values, fills, strict=True):
        assert (int(red, 16) <= int(blue, 16)) if value >= 0 else (int(red, 16) >= int(blue, 16))
    gray = walk_of({"brick": "max"}, IMAGE)
    assert "gray is 0" not in gray
    assert all(r == g == b for r, g, b in re.findall(r'data-stop="\d+"><rect[^>]* fill="#(\w\w)(\w\w)(\w\w)"', gray))


def test_an_empty_photograph_is_shown_too():
    black = IMAGE.point(lambda _: 0)
    for brick in ("convolution", "stochastic", "lp", "max"):
        data = data_of(walk_of({"brick": brick}, black))
        assert {stop["words"].rpartition(" = ")[2] for stop in data["stops"]} <= {"0", "-0"}
    assert torch.equal(liveliest_crop(black).values, torch.zeros(1, 1, 12, 12))
