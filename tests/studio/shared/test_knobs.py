"""Knobs are what the configs of the zoo have, and their texts are values."""

from dataclasses import dataclass, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.layers import downsample_names
from convwright.models import Family, NetConfig, config_of, families, model_names
from convwright.models.resnet import ResNet, ResNetConfig
from convwright.studio.shared.knobs import Knob, knobs_of, table_of


def knob(kind, default, **more):
    return Knob(name="some_thing", kind=kind, default=default, **more)


@pytest.mark.parametrize("name", model_names())
def test_every_field_that_can_be_said_is_a_knob_and_its_default_a_text(name):
    knobs = knobs_of(name)
    fielded = {field.name: getattr(config_of(name), field.name) for field in fields(config_of(name))}
    assert fielded.keys() - {one.name for one in knobs} <= {"table"}
    for one in knobs:
        assert one.read(one.text(one.default)) == one.default == fielded[one.name]
        assert one.help
        assert not one.choices or one.default in one.choices


def test_choices_come_from_the_catalogs_and_from_the_types():
    found = {one.name: one for one in knobs_of("efficientnet_b0")}
    assert found["downsample"].choices == downsample_names()
    assert found["padding"].choices == ("symmetric", "same")
    assert {one.name: one for one in knobs_of("vgg16")}["norm"].choices == ("batch", "none")
    assert found["table"].kind == "rows"
    assert found["table"].is_own
    assert not found["stem"].is_own


def test_what_a_config_leaves_to_another_class_is_said_by_that_class():
    helps = {one.name: one.help for one in knobs_of("resnet50")}
    assert helps["se_ratio"].startswith("Squeeze width as a fraction")
    assert table_of("resnet50") == "The table of He et al. 2016a."


def test_a_new_family_has_its_knobs_at_once(monkeypatch):
    @dataclass(frozen=True, kw_only=True)
    class New(ResNetConfig):
        """A table.

        Attributes
        ----------
        twist : int
            How far.
        """

        twist: int = 3

    family = Family(module=ResNet, variants={"brand_new": New()})
    monkeypatch.setattr("convwright.models.catalog.families", lambda: {**families(), "new": family})
    monkeypatch.setattr("convwright.models.catalog._variants", lambda: {"brand_new": "new"})
    found = {one.name: one for one in knobs_of.__wrapped__("brand_new")}
    assert (found["twist"].kind, found["twist"].help, found["twist"].is_own) == ("whole", "How far.", True)
    assert len(found) == len(fields(New)) > len(fields(NetConfig))


@pytest.mark.parametrize(
    ("one", "text", "value"),
    [
        (knob("whole", 1), " 12 ", 12),
        (knob("number", 1.0), "2", 2.0),
        (knob("number", 1.0), "1e-3", 0.001),
        (knob("switch", False), "yes", True),
        (knob("numbers", (1, 2)), "3,4 , 5", (3, 4, 5)),
        (knob("rows", ((1, 2),)), "1, 2; 3,4", ((1, 2), (3, 4))),
        (knob("choice", "a", choices=("a", "b")), "b", "b"),
        (knob("word", "a"), " 3x32x32 ", "3x32x32"),
    ],
)
def test_texts_are_read(one, text, value):
    assert one.read(text) == value
    assert type(one.read(text)) is type(value)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (knob("whole", 1), "1.5"),
        (knob("whole", 1), "True"),
        (knob("whole", 1), ""),
        (knob("number", 1.0), "one"),
        (knob("number", 1.0), "nan"),
        (knob("switch", False), "true"),
        (knob("numbers", (1, 2)), "3,,4"),
        (knob("numbers", (1, 2)), "__import__('os')"),
        (knob("rows", ((1, 2),)), "1, 2;"),
        (knob("choice", "a", choices=("a", "b")), "c"),
        (knob("numbers", (1, 2)), "1," * 300 + "1"),
    ],
)
def test_what_is_no_value_is_refused_by_name(one, text):
    with pytest.raises(ConvwrightError, match="some_thing"):
        one.read(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_as_text(value):
    one = knob("number", 1.0)
    assert one.read(one.text(value)) == value
