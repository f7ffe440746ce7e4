"""What is asked of the table, and what it shows."""

import pytest

from convwright.studio.listing import Listing
from convwright.studio.workbench import Workbench
from convwright.studio.zoo import Wish, Zoo
from reference.html import Page


@pytest.fixture
def listing(monkeypatch):
    monkeypatch.setattr("convwright.studio.zoo.model_names", lambda: ["resnet18", "resnet20", "vgg16_bn_cifar"])
    return Listing(Zoo(Workbench()))


def test_it_grows_until_it_is_whole(listing):
    assert "0 of 0 models; looking at the others: 0 of 3 done" in listing.table()
    while not listing.is_whole:
        text = listing.grow(0.01)
    assert "3 of 3 models<" in text
    assert Page(text).unclosed == []
    assert Page(text).fetched == ["/?model=resnet18", "/?model=resnet20", "/?model=vgg16_bn_cifar"]


def test_a_budget_and_an_order_are_asked_for_one_after_the_other(listing):
    listing.grow(60.0)
    listing.ask("parameters_m", "12")
    assert Page(listing.table()).fetched == ["/?model=resnet18", "/?model=resnet20"]
    listing.sort("macs")
    assert Page(listing.table()).fetched == ["/?model=resnet20", "/?model=resnet18"]
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
