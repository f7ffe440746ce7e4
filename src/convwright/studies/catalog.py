"""The studies of the library: every file of its folder, by name."""

from functools import cache
from typing import cast

from ..discover import discover
from ..errors import unknown
from .study import Study


@cache
def studies() -> dict[str, Study]:
    """Every study by its name, in alphabetical order.

    >>> "pooling" in studies()
    True
    """
    found = cast(dict[str, Study], discover(f"{__package__}.library", "STUDY"))
    return {study.name: study for study in found.values()}


def study_named(name: str) -> Study:
    """The study called `name`.

    Raises
    ------
    ConvwrightError
        For a name that is not in the library, with the nearest ones.
    """
    if name not in studies():
        raise unknown("study", name, studies(), hint="`convwright study list` lists them")
    return studies()[name]
