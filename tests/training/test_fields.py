"""Fields that say what they take."""

from dataclasses import dataclass

import pytest

from convwright.errors import ConvwrightError
from convwright.training.fields import check_fields, check_names, choice, flag, number, numbers, text, whole


@dataclass(frozen=True)
class Parts:
    rate: float = number(0.5, at_least=0, most=1)
    pair: tuple[float, ...] = numbers((0.1, 0.2), length=2)
    count: int | None = whole(None, at_least=1, optional=True)
    kind: str = choice("a", ("a", "b"))
    on: bool = flag(False)
    name: str = text("")

    def __post_init__(self):
        check_fields(self, "parts.")


def test_right_values_are_taken_and_made_what_they_are_meant_to_be():
    parts = Parts(rate=1, pair=[0, 0.5], count=3, kind="b", on=True, name="x")
    assert parts == Parts(1.0, (0.0, 0.5), 3, "b", True, "x")
    assert isinstance(parts.rate, float)
    assert isinstance(parts.pair, tuple)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rate": 1.5}, "parts.rate: expected a number at least 0 and at most 1, got 1.5"),
        ({"rate": True}, "parts.rate"),
        ({"rate": float("inf")}, "parts.rate"),
        ({"pair": (0.1,)}, "parts.pair: expected 2 numbers"),
        ({"pair": 0.1}, "parts.pair"),
        ({"count": 0}, "parts.count: expected a whole number, at least 1, got 0"),
        ({"count": True}, "parts.count"),
        ({"kind": "c"}, "unknown parts.kind 'c'"),
        ({"on": 1}, "parts.on: expected true or false, got 1"),
        ({"name": 1}, "parts.name: expected a string, got 1"),
    ],
)
def test_wrong_values_are_refused_by_name(wrong, said):
    with pytest.raises(ConvwrightError) as raised:
        Parts(**wrong)
    assert said in str(raised.value)


def test_unknown_names_get_the_nearest():
    check_names(Parts, {"rate": 1}, "")
    with pytest.raises(ConvwrightError, match=r"did you mean parts\.count"):
        check_names(Parts, {"cuont": 1}, "parts.")
