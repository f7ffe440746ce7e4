import copy
import pickle

import pytest

from convwright.errors import ConvwrightError, require_at_least, require_choice, require_fraction, unknown


class NarrowerError(ConvwrightError):
    pass


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({}, "stem"),
        ({"hint": "look again"}, "stem; look again"),
        ({"expected": "one"}, "stem: expected one"),
        ({"got": "two"}, "stem: got two"),
        ({"expected": "one", "got": "two", "hint": "count"}, "stem: expected one, got two; count"),
    ],
)
def test_the_sentence_holds_the_parts_there_are(parts, sentence):
    error = ConvwrightError("stem", **parts)
    assert str(error) == sentence
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("trip", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_the_error_survives_a_trip_between_processes(trip):
    error = trip(NarrowerError("stem", expected="one", got="two", hint="count"))
    assert type(error) is NarrowerError
    assert (error.problem, error.expected, error.got, error.hint) == ("stem", "one", "two", "count")
    assert str(error) == "stem: expected one, got two; count"


def test_an_unknown_name_gets_the_nearest_and_a_short_list():
    error = unknown("model", "vgg61", ["vgg16", "vgg11", "resnet50"], hint="see `convwright models`")
    assert error.problem == "unknown model 'vgg61'"
    assert error.expected == "one of resnet50, vgg11, vgg16"
    assert error.hint == "did you mean vgg16 or vgg11? see `convwright models`"


def test_a_long_list_is_counted_not_printed():
    assert unknown("model", "?", (f"net{i}" for i in range(25))).expected == "one of 25 known names"
    assert unknown("column", "?", (f"net{i}" for i in range(24))).expected.endswith("net8, net9")


def test_a_name_near_to_nothing_gets_no_guess():
    error = unknown("stem", "zzz", ["cifar", "deep"])
    assert str(error) == "unknown stem 'zzz': expected one of cifar, deep"
    assert str(unknown("stem", None, [])) == "unknown stem None"


def test_requirements_let_what_is_right_pass():
    require_choice("stem", "deep", (name for name in ("cifar", "deep")))
    require_at_least("stride", 1, 1)
    require_fraction("dropout", 0.0)


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_at_least(value):
    with pytest.raises(ConvwrightError, match=f"^stride: expected at least 1, got {value}$"):
        require_at_least("stride", value, 1)


@pytest.mark.parametrize("value", [1, 1.5, -0.1, float("nan")])
def test_fraction(value):
    with pytest.raises(ConvwrightError, match=f"^dropout: expected a fraction .*, got {value}$"):
        require_fraction("dropout", value)


def test_choice():
    with pytest.raises(
        ConvwrightError, match=r"^unknown stem 'depe': expected one of cifar, deep; did you mean deep\?$"
    ):
        require_choice("stem", "depe", ["cifar", "deep"])
