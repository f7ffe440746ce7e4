"""Libraries that come with an extra of the package, such as `convwright[train]`: a missing one is one sentence.

Which extra brings which library is read from the metadata of the installed package, so that there is one list of them,
in pyproject.toml.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec

from .errors import ConvwrightError

_MODULES = {
    "scikit-learn": "sklearn",
    "mini-racer": "py_mini_racer",
}  # of the libraries whose module has a name of its own
_GROUPS = ("all", "dev", "bench")  # never what somebody lacks


@contextmanager
def needs_extra(extra: str = "") -> Iterator[None]:
    """Say which extra to install if a library is missing; a context, or a decorator for a function.

    Parameters
    ----------
    extra : str
        The extra that brings what is imported here. If it does not bring the missing library, or is left out, the
        smallest that does is named.

    Raises
    ------
    ConvwrightError
        If a library that an extra brings is not installed. Any other error is left as it is.

    Examples
    --------
    >>> with needs_extra("study"):
    ...     import no_library_of_ours
    Traceback (most recent call last):
    ModuleNotFoundError: No module named 'no_library_of_ours'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        explained = missing_extra(error, extra)
        if explained is None:
            raise
        raise explained from error


def missing_extra(error: ModuleNotFoundError, extra: str = "") -> ConvwrightError | None:
    """Return the sentence for a library that an extra brings, and None for a module that none of them does."""
    module = (error.name or "").partition(".")[0]
    brought = modules_of_extras()
    names = sorted((name for name in brought if module in brought[name]), key=lambda name: (len(brought[name]), name))
    if not names:
        return None
    chosen = extra if extra in names else names[0]
    return _not_installed(module, chosen)


def _not_installed(module: str, extras: str) -> ConvwrightError:
    return ConvwrightError(f"{module} is not installed", hint=f"pip install 'convwright[{extras}]'")


def require_extra(*extras: str) -> None:
    """Raise `ConvwrightError` if a library of one of these extras is missing, before any work is done without it."""
    for extra in extras:
        missing = sorted(module for module in modules_of_extras().get(extra, ()) if find_spec(module) is None)
        if missing:
            raise _not_installed(missing[0], ",".join(extras))


@cache
def modules_of_extras() -> dict[str, frozenset[str]]:
    """Return the names of the modules that each extra brings, those of the extras it is made of included."""
    try:
        lines = requires("convwright") or []
    except PackageNotFoundError:  # a source tree that was never installed
        return {}
    direct: dict[str, set[str]] = {}
    parts: dict[str, set[str]] = {}
    for line in lines:
        requirement, _, marker = line.partition(";")
        for extra in re.findall(r"extra == ['\"]([\w-]+)['\"]", marker):
            found = re.match(r"\s*([\w.-]+)\s*(?:\[([^]]*)\])?", requirement)
            name, own = found.groups() if found else ("", None)
            if name == "convwright":
                parts.setdefault(extra, set()).update(part.strip() for part in (own or "").split(","))
            else:
                direct.setdefault(extra, set()).add(_MODULES.get(name.lower(), name.lower().replace("-", "_")))

    def brought(extra: str) -> set[str]:
        return direct.get(extra, set()).union(*(brought(part) for part in parts.get(extra, ())))

    return {extra: frozenset(brought(extra)) for extra in sorted({*direct, *parts} - {*_GROUPS})}
