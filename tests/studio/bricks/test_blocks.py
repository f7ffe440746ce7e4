"""Cards and tables close what they open, escape words, and draw bars to scale."""

import re

import pytest
import torch

from convwright.studio.bricks.blocks import Card, Way, cards, ways, white_of
from reference.html import Page

MAP = torch.rand(1, 3, 4, 6, generator=torch.Generator().manual_seed(0))
EVIL = "<script>"


def test_a_card_shows_what_it_is_given():
    text = cards([Card(title=EVIL, map=MAP, numbers={EVIL: EVIL}, formula=EVIL, notes={EVIL: EVIL}, share=0.5)], EVIL)
    assert EVIL not in text
    assert text.count("&lt;script&gt;") == 8
    assert "4x6" in text
    assert "aspect-ratio: 6 / 4" in text
    assert "50.0%" in text
    assert Page(text).unclosed == []
    assert "meter" not in cards([Card(title="a", map=MAP)])


def test_the_longest_bar_is_that_of_the_largest_share():
    found = [
        Way(title=EVIL, maps={EVIL: MAP}, shares={"change": 0.1}),
        Way(title="b", maps={EVIL: MAP}, shares={"change": 0.2}),
    ]
    text = ways(found, EVIL, EVIL)
    assert EVIL not in text
    assert re.findall(r"var\(--bar\) ([\d.]+)%", text) == ["50.0", "100.0"]
    assert re.findall(r">([\d.]+ %)</td>", text) == ["10.0 %", "20.0 %"]
    assert Page(text).unclosed == []


def test_white_leaves_a_few_points_above():
    map_ = torch.linspace(0, 1, 1001)
    assert white_of([map_, map_ / 2]) == pytest.approx(0.995)
    assert white_of([torch.zeros(4)]) == 1.0
