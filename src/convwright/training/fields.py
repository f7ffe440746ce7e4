"""Fields of frozen dataclasses that check their values, so that a wrong value is refused by name."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import field
from typing import Any

from ..errors import ConvwrightError, unknown


def number(
    default: float,
    *,
    at_least: float = -math.inf,
    above: float = -math.inf,
    below: float = math.inf,
    most: float = math.inf,
) -> Any:
    """Field for a finite float: `at_least` <= value <= `most`, `above` < value < `below`."""
    limits = (("at least", at_least), ("above", above), ("below", below), ("at most", most))
    words = " and ".join(f"{word} {limit:g}" for word, limit in limits if math.isfinite(limit))

    def check(name: str, value: Any) -> float:
        if not (_is_number(value) and at_least <= value <= most and above < value < below):
            raise ConvwrightError(name, expected=f"a number {words}".rstrip(), got=repr(value))
        return float(value)

    return _checked(default, check)


def numbers(default: tuple[float, ...], *, length: int | None = None) -> Any:
    """Field for a tuple of fractions from 0 up to, not including, 1."""

    def check(name: str, value: Any) -> tuple[float, ...]:
        is_list = isinstance(value, list | tuple) and all(_is_number(each) and 0 <= each < 1 for each in value)
        if not is_list or (length is not None and len(value) != length):
            much = f"{length} numbers" if length is not None else "a list of numbers"
            raise ConvwrightError(name, expected=f"{much} from 0 up to, not including, 1", got=repr(value))
        return tuple(float(each) for each in value)

    return _checked(default, check)


def whole(default: int | None, *, at_least: int, optional: bool = False) -> Any:
    """Field for an int that is `at_least` this large, or for None too if it is `optional`."""

    def check(name: str, value: Any) -> int | None:
        if value is None and optional:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
            raise ConvwrightError(name, expected=f"a whole number, at least {at_least}", got=repr(value))
        return value

    return _checked(default, check)


def choice(default: str, names: tuple[str, ...]) -> Any:
    """Field for one of `names`."""

    def check(name: str, value: Any) -> str:
        if value not in names:
            raise unknown(name, value, names)
        return str(value)

    return _checked(default, check)


def flag(default: bool) -> Any:
    """Field for true or false."""
    return _checked(default, lambda name, value: _of_type(name, value, bool, "true or false"))


def text(default: str) -> Any:
    """Field for any string."""
    return _checked(default, lambda name, value: _of_type(name, value, str, "a string"))


def check_fields(instance: Any, place: str) -> None:
    """Check every field of a frozen dataclass; whole numbers become floats, and lists tuples, where meant.

    Parameters
    ----------
    instance : dataclass
        Called from its `__post_init__`.
    place : str
        What stands before the fields' names in errors, such as "optimizer.".

    Raises
    ------
    ConvwrightError
        Naming the field, what was expected and what came.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Rate:
    ...     lr: float = number(0.1, above=0)
    ...     def __post_init__(self): check_fields(self, "optimizer.")
    >>> Rate(1)
    Rate(lr=1.0)
    >>> Rate(-1)
    Traceback (most recent call last):
    convwright.errors.ConvwrightError: optimizer.lr: expected a number above 0, got -1
    """
    for each in dataclasses.fields(instance):
        if check := each.metadata.get("check"):
            object.__setattr__(instance, each.name, check(place + each.name, getattr(instance, each.name)))


def check_names(kind: type, values: dict[str, Any], place: str) -> None:
    """Raise `ConvwrightError`, with the nearest names, for a key of `values` that is no field of the dataclass."""
    names = [each.name for each in dataclasses.fields(kind)]
    for name in values:
        if name not in names:
            raise unknown("field of a recipe", place + name, [place + each for each in names])


def _checked(default: Any, check: Callable[[str, Any], Any]) -> Any:
    return field(default=default, metadata={"check": check})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _of_type(name: str, value: Any, kind: type, expected: str) -> Any:
    if not isinstance(value, kind):
        raise ConvwrightError(name, expected=expected, got=repr(value))
    return value
