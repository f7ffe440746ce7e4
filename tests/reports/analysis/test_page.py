"""The HTML of an analysis opens alone, offline, and shows the network with its facts."""

import re
from xml.etree import ElementTree

import pytest
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.models import build
from convwright.reports.analysis.page import analysis_page
from reference.html import Page


@pytest.fixture(scope="module")
def page():
    return analysis_page(analyze(build("resnet50", device="meta").eval(), (1, 3, 224, 224), label="resnet50"))


def test_it_is_whole_and_needs_nothing_else(page):
    read = Page(page)
    assert read.unclosed == read.fetched == []
    assert not re.search(r"https?://", page)


def test_every_stage_is_a_block_with_its_facts(page):
    svg = ElementTree.fromstring(re.search(r"<svg.*?</svg>", page, re.DOTALL).group())
    blocks = svg.findall("g")
    assert len(blocks) == 6  # 112, 56, 28, 14, 7 and the head
    hover = blocks[4].find("title").text
    assert "2048 channels of 7x7" in hover
    assert "427 px" in hover
    heights = [side(block) for block in blocks]
    assert heights[:5] == sorted(heights[:5], reverse=True)
    assert len({block.find("polygon").get("fill") for block in blocks}) >= 4  # colored by share of the MACs


def side(block) -> float:
    rows = [float(point.split(",")[1]) for point in block.find("polygon").get("points").split()]
    return max(rows) - min(rows)


def test_totals_are_there(page):
    assert "4,089,184,256" in page
    assert "25,557,032" in page


def test_names_cannot_break_the_page():
    class Net(nn.Sequential):
        pass

    text = analysis_page(analyze(Net(nn.Conv2d(3, 8, 3)), (1, 3, 8, 8), label="<script>alert(1)</script>"))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
