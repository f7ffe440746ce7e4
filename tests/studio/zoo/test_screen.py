"""What is asked of the table, and what it shows."""

import re

import pytest

from convwright.studio.shared.workbench import Workbench
from convwright.studio.zoo.screen import Listing
from convwright.studio.zoo.table import Wish, Zoo
from reference.html import Page


@pytest.fixture
def listing(monkeypatch):
    monkeypatch.setattr("convwright.studio.zoo.table.model_names", lambda: ["resnet18", "resnet20", "vgg16_bn_cifar"])
    return Listing(Zoo(Workbench()))


def rows_of(text):
    assert Page(text).unclosed == []
    return re.findall(r'<th scope="row"><a href="/\?model=(\w+)">', text)


def test_it_grows_until_it_is_whole(listing):
    assert "0 of 0 models; looking at the others: 0 of 3 done" in listing.table()
    while not listing.is_whole:
        text = listing.grow(0.01)
    assert "3 of 3 models<" in text
    assert Page(text).unclosed == []
    assert rows_of(text) == ["resnet18", "resnet20", "vgg16_bn_cifar"]


def test_a_budget_and_an_order_are_asked_for_one_after_the_other(listing):
    listing.grow(60.0)
    listing.ask("parameters_m", "12")
    assert rows_of(listing.table()) == ["resnet18", "resnet20"]
    listing.sort("macs")
    assert rows_of(listing.table()) == ["resnet20", "resnet18"]
    assert 'aria-sort="ascending"' in listing.table()
    listing.sort("macs")
    assert listing.wish == Wish(parameters_m=12.0, order="macs", is_falling=True)
    assert 'aria-sort="descending"' in listing.table()
    listing.sort("macs")
    listing.ask("parameters_m", "")
    assert listing.wish == Wish(order="macs")


def test_what_cannot_be_read_leaves_the_wish_and_says_so(listing):
    listing.ask("macs_m", "100")
    for wrong in (lambda: listing.ask("macs_m", "<b>"), lambda: listing.open({"order": "beauty"})):
        wrong()
        assert listing.wish == Wish(macs_m=100.0)
        assert 'role="alert"' in listing.table()
        assert "<b>&lt;" not in listing.table()
    listing.ask("macs_m", "10")
    assert 'role="alert"' not in listing.table()


def test_two_are_picked_and_set_side_by_side(listing):
    listing.grow(60.0)
    assert "Pick two models" in listing.table()
    listing.pick("resnet18")
    assert "resnet18 is picked" in listing.table()
    listing.pick("resnet20")
    assert 'href="/?model=resnet20&amp;with=model%3Dresnet18"' in listing.table()
    assert listing.wish.address() == "?picked=resnet18%2Cresnet20"
    listing.pick("vgg16_bn_cifar")
    assert listing.wish.names == ("resnet20", "vgg16_bn_cifar")
    listing.pick("resnet20")
    assert listing.wish.names == ("vgg16_bn_cifar",)
    listing.pick("resnet999")
    assert "resnet999" in listing.problem
    assert listing.wish.names == ("vgg16_bn_cifar",)


def test_the_plot_follows_the_budget(listing):
    listing.grow(60.0)
    assert 'class="point inside" id="point-resnet18"' in listing.table()
    listing.ask("macs_m", "100")
    assert 'class="point" id="point-resnet18"' in listing.table()
    listing.ask("cost", "parameters")
    assert "against parameters" in listing.table()
    listing.ask("cost", "beauty")
    assert "cost" in listing.problem
