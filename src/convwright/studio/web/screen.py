"""The protocol of every page: a page without a browser, which takes what somebody does and draws itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup

Parts = Mapping[str, Markup]
"""HTML by the part of a page."""


@dataclass(frozen=True, kw_only=True)
class PageState:
    """Everything that the script of a page is told.

    Attributes
    ----------
    title : str
        Title of the page.
    address : str
        Query that opens the same.
    values : mapping of str to str
        Text of each control by its name.
    changed, idle : tuple of str
        Controls that are not at their default, and those that change nothing here.
    busy : tuple of str
        Parts that are out of date and on their way.
    is_step : bool
        Whether the last change is an entry of the browser's history.
    position : int
        Number of the layer that the page of fields is at.
    """

    title: str
    address: str
    values: Mapping[str, str]
    changed: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    busy: tuple[str, ...] = ()
    is_step: bool = True
    position: int = 0


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file to take along.

    Attributes
    ----------
    name, text : str
        Its name and content.
    """

    name: str
    text: str


class Screen(Protocol):
    """Content of one browser tab. Every method is called in the worker thread, one call after another."""

    @property
    def state(self) -> PageState:
        """State for the script of the page, as of the last step that was drawn."""

    def open(self, query: Mapping[str, str]) -> None:
        """Open an address."""

    def set(self, name: str, text: str) -> None:
        """Set one control."""

    def act(self, words: str) -> Download | None:
        """Do what a button is for: its name, and what it is about; a file to take along, where it makes one."""

    def draw(self) -> Iterator[Parts]:
        """Draw the page in steps: first what is quick, then what takes longer. Each step is sent when it is done.

        A change that comes meanwhile ends the drawing between two steps, and another one begins.
        """
