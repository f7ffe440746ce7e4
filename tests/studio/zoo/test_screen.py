"""What is asked of the table, and what it shows."""

import re

import pytest

from convwright.studio.shared.workbench import Workbench
from convwright.studio.zoo.screen import ZooScreen
from convwright.studio.zoo.table import ZooQuery, ZooTable
from reference.html import Page
from reference.screens import drawn


@pytest.fixture
def screen(monkeypatch):
    monkeypatch.setattr("convwright.studio.zoo.table.model_names", lambda: ["resnet18", "resnet20", "vgg16_bn_cifar"])
    return ZooScreen(ZooTable(Workbench()))


def rows_of(text):
    assert Page(text).unclosed == []
    return re.findall(r'<th scope="row"><a href="/\?model=(\w+)">', text)


def test_it_grows_until_it_is_whole(screen, monkeypatch):
    monkeypatch.setattr("convwright.studio.zoo.screen._SLICE_SECONDS", 0.0)
    first, *others = (step["table"] for step in screen.draw())
    assert "0 of 0 models; looking at the others: 0 of 3 done" in first
    assert len(others) == 3
    assert "3 of 3 models<" in others[-1]
    assert Page(others[-1]).unclosed == []
    assert rows_of(others[-1]) == ["resnet18", "resnet20", "vgg16_bn_cifar"]
    assert len(list(screen.draw())) == 1


def test_a_budget_and_an_order_are_asked_for_one_after_the_other(screen):
    drawn(screen)
    screen.set("parameters_m", "12")
    assert rows_of(drawn(screen)["table"]) == ["resnet18", "resnet20"]
    screen.act("sort macs")
    assert rows_of(drawn(screen)["table"]) == ["resnet20", "resnet18"]
    assert 'aria-sort="ascending"' in drawn(screen)["table"]
    screen.act("sort macs")
    assert screen.query == ZooQuery(parameters_m=12.0, order="macs", is_falling=True)
    assert 'aria-sort="descending"' in drawn(screen)["table"]
    screen.act("sort macs")
    screen.set("parameters_m", "")
    assert screen.query == ZooQuery(order="macs")


def test_what_cannot_be_read_leaves_the_query_and_says_so(screen):
    screen.set("macs_m", "100")
    for wrong in (lambda: screen.set("macs_m", "<b>"), lambda: screen.open({"order": "beauty"})):
        wrong()
        assert screen.query == ZooQuery(macs_m=100.0)
        assert 'role="alert"' in drawn(screen)["table"]
        assert "<b>&lt;" not in drawn(screen)["table"]
    screen.set("macs_m", "10")
    assert 'role="alert"' not in drawn(screen)["table"]


def test_two_are_picked_and_set_side_by_side(screen):
    drawn(screen)
    assert "Pick two models" in drawn(screen)["table"]
    screen.act("pick resnet18")
    assert "resnet18 is picked" in drawn(screen)["table"]
    screen.act("pick resnet20")
    assert 'href="/?model=resnet20&amp;with=model%3Dresnet18"' in drawn(screen)["table"]
    assert screen.query.address() == "?picked=resnet18%2Cresnet20"
    screen.act("pick vgg16_bn_cifar")
    assert screen.query.names == ("resnet20", "vgg16_bn_cifar")
    screen.act("pick resnet20")
    assert screen.query.names == ("vgg16_bn_cifar",)
    screen.act("pick resnet999")
    assert "resnet999" in screen.problem
    assert screen.query.names == ("vgg16_bn_cifar",)


def test_the_plot_follows_the_budget(screen):
    drawn(screen)
    assert 'class="point inside" id="point-resnet18"' in drawn(screen)["table"]
    screen.set("macs_m", "100")
    assert 'class="point" id="point-resnet18"' in drawn(screen)["table"]
    screen.set("cost", "parameters")
    assert "against parameters" in drawn(screen)["table"]
    screen.set("cost", "beauty")
    assert "cost" in screen.problem
