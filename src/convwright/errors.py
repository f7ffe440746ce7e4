"""The exception that users see: what is wrong, what was expected, what was given, and the next step."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

_FEW_NAMES = 24  # that an error lists: two lines of a terminal


class ConvwrightError(ValueError):
    """Request that cannot be met, with an explanation.

    Parameters
    ----------
    problem : str
        Name of the thing that is wrong.
    expected, got : str
        Valid value, and the value that was given.
    hint : str
        Next step for the user.

    Examples
    --------
    >>> print(ConvwrightError("num_classes", expected="at least 1", got="0", hint="count the labels"))
    num_classes: expected at least 1, got 0; count the labels
    """

    def __init__(self, problem: str, *, expected: str = "", got: str = "", hint: str = "") -> None:
        self.problem, self.expected, self.got, self.hint = problem, expected, got, hint
        compared = ", ".join(f"{word} {text}" for word, text in (("expected", expected), ("got", got)) if text)
        sentence = f"{problem}: {compared}" if compared else problem
        super().__init__(f"{sentence}; {hint}" if hint else sentence)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the four parts, so that the error survives a trip between processes."""
        return _rebuild, (type(self), self.problem, self.expected, self.got, self.hint)


def _rebuild(kind: type[ConvwrightError], problem: str, expected: str, got: str, hint: str) -> ConvwrightError:
    return kind(problem, expected=expected, got=got, hint=hint)


def naming(error: ConvwrightError, name: str) -> ConvwrightError:
    """Return an error that names what it is about, as a list of errors needs it.

    >>> print(naming(ConvwrightError("memory", got="none"), "net.py:Net"))
    net.py:Net: memory: got none
    """
    return error if name in str(error) else ConvwrightError(f"{name}: {error}")


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that led to it, the last one first.

    >>> failed = ConvwrightError("no such layer")
    >>> failed.__cause__ = KeyError("conv")
    >>> [type(each).__name__ for each in causes(failed)]
    ['ConvwrightError', 'KeyError']
    """
    seen: set[int] = set()  # an exception can be its own cause
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def unknown(kind: str, name: object, choices: Iterable[str], *, hint: str = "") -> ConvwrightError:
    """Return the error for a name that is not in a list, with the list if it is short, and the nearest names.

    >>> print(unknown("model", "resnet5", ["resnet50", "vgg16"]))
    unknown model 'resnet5': expected one of resnet50, vgg16; did you mean resnet50?
    """
    names = sorted(choices)
    near = get_close_matches(str(name), names, n=3, cutoff=0.6)
    listed = ", ".join(names)
    listed = listed if len(names) <= _FEW_NAMES else f"{len(names)} known names"
    meant = f"did you mean {' or '.join(near)}?" if near else ""
    return ConvwrightError(
        f"unknown {kind} {name!r}",
        expected=f"one of {listed}" if names else "",
        hint=" ".join(part for part in (meant, hint) if part),
    )


def require_choice(kind: str, name: str, choices: Iterable[str]) -> None:
    """Raise `ConvwrightError` unless `name` is one of `choices`."""
    names = list(choices)
    if name not in names:
        raise unknown(kind, name, names)


def require_at_least(what: str, value: float, minimum: float) -> None:
    """Raise `ConvwrightError` unless `value` >= `minimum`."""
    if not value >= minimum:
        raise ConvwrightError(what, expected=f"at least {minimum}", got=str(value))


def require_fraction(what: str, value: float) -> None:
    """Raise `ConvwrightError` unless 0 <= `value` < 1."""
    if not 0 <= value < 1:
        raise ConvwrightError(what, expected="a fraction from 0 up to, not including, 1", got=str(value))
