"""Fields of frozen dataclasses that say what they take, so that a wrong value is refused by name."""

import dataclasses
import math
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
    """A field for a finite float: `at_least` <= value <= `most`, `above` < value < `below`."""
    return field(
        default=default, metadata={"kind": "number", "at_least": at_least, "above": above, "below": below, "most": most}
    )


def numbers(default: tuple[float, ...], *, length: int | None = None) -> Any:
    """A field for a tuple of fractions from 0 up to, not including, 1."""
    return field(default=default, metadata={"kind": "numbers", "length": length})


def whole(default: int | None, *, at_least: int, optional: bool = False) -> Any:
    """A field for an int of `at_least` so much, or None where that is allowed."""
    return field(default=default, metadata={"kind": "whole", "at_least": at_least, "optional": optional})


def choice(default: str, names: tuple[str, ...]) -> Any:
    """A field for one of `names`."""
    return field(default=default, metadata={"kind": "choice", "names": names})


def flag(default: bool) -> Any:
    """A field for true or false."""
    return field(default=default, metadata={"kind": "flag"})


def text(default: str) -> Any:
    """A field for any string."""
    return field(default=default, metadata={"kind": "text"})


def check_fields(instance: Any, place: str) -> None:
    """Check every described field of a frozen dataclass; whole numbers become floats, and lists tuples, where meant.

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
    for described in dataclasses.fields(instance):
        if kind := described.metadata.get("kind"):
            value = getattr(instance, described.name)
            checked = _CHECKS[kind](place + described.name, value, described.metadata)
            object.__setattr__(instance, described.name, checked)


def check_names(kind: type, values: dict[str, Any], place: str) -> None:
    """Raise `ConvwrightError`, with the nearest names, for a key of `values` that is no field of the dataclass."""
    names = [each.name for each in dataclasses.fields(kind)]
    for name in values:
        if name not in names:
            raise unknown("field of a recipe", place + name, [place + each for each in names])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number(name: str, value: Any, limits: Any) -> float:
    inside = _is_number(value) and limits["at_least"] <= value <= limits["most"]
    if not (inside and limits["above"] < value < limits["below"]):
        words = (("at_least", "at least"), ("above", "above"), ("below", "below"), ("most", "at most"))
        said = [f"{word} {limits[key]:g}" for key, word in words if math.isfinite(limits[key])]
        raise ConvwrightError(name, expected=" ".join(("a number", " and ".join(said))).rstrip(), got=repr(value))
    return float(value)


def _numbers(name: str, value: Any, limits: Any) -> tuple[float, ...]:
    length = limits["length"]
    is_list = isinstance(value, list | tuple) and all(_is_number(each) and 0 <= each < 1 for each in value)
    if not is_list or (length is not None and len(value) != length):
        much = f"{length} numbers" if length is not None else "a list of numbers"
        raise ConvwrightError(name, expected=f"{much} from 0 up to, not including, 1", got=repr(value))
    return tuple(float(each) for each in value)


def _whole(name: str, value: Any, limits: Any) -> int | None:
    if value is None and limits["optional"]:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < limits["at_least"]:
        raise ConvwrightError(name, expected=f"a whole number, at least {limits['at_least']}", got=repr(value))
    return value


def _choice(name: str, value: Any, limits: Any) -> str:
    if value not in limits["names"]:
        raise unknown(name, value, limits["names"])
    return str(value)


def _flag(name: str, value: Any, _limits: Any) -> bool:
    if not isinstance(value, bool):
        raise ConvwrightError(name, expected="true or false", got=repr(value))
    return value


def _text(name: str, value: Any, _limits: Any) -> str:
    if not isinstance(value, str):
        raise ConvwrightError(name, expected="a string", got=repr(value))
    return value


_CHECKS = {"number": _number, "numbers": _numbers, "whole": _whole, "choice": _choice, "flag": _flag, "text": _text}
