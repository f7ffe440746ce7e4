"""A design is its address."""

from urllib.parse import parse_qsl

import pytest

from convwright.errors import ConvwrightError
from convwright.models import model_names
from convwright.studio.shared.design import Design, address_of, read_design, texts_of
from convwright.studio.shared.knobs import knobs_of


def opened(address):
    query = dict(parse_qsl(address.removeprefix("?"), keep_blank_values=True))
    return read_design(query.pop("model"), query, knobs_of("efficientnet_b0"))


def test_an_address_opens_the_same_design():
    knobs = knobs_of("efficientnet_b0")
    texts = {"table": "1, 16, 1, 3, 1; 6, 24, 2, 3, 2", "width": "0.35", "lite": "yes", "stem": "cifar"}
    design = read_design("efficientnet_b0", texts, knobs)
    assert opened(address_of(design, knobs)) == design
    assert texts_of(design, knobs) == texts
    assert design.options["table"] == ((1, 16, 1, 3, 1), (6, 24, 2, 3, 2))


@pytest.mark.parametrize("name", model_names())
def test_knobs_at_their_own_value_are_no_change(name):
    knobs = knobs_of(name)
    assert read_design(name, {knob.name: knob.text(knob.default) for knob in knobs}, knobs) == Design(model=name)


def test_the_order_of_an_address_does_not_matter():
    knobs = knobs_of("resnet18")
    one, other = ({"stem": "cifar", "width": "2"}, {"width": "2.0", "stem": "cifar"})
    assert read_design("resnet18", one, knobs) == read_design("resnet18", other, knobs)


def test_an_unknown_knob_is_named_with_the_nearest():
    with pytest.raises(ConvwrightError, match=r"unknown knob of resnet18 'stam'.*did you mean stem"):
        read_design("resnet18", {"stam": "cifar"}, knobs_of("resnet18"))
