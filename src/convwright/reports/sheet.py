"""A table of words and numbers, for every format to show."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table: its titles, its lines, and how many columns on the left are words."""

    titles: tuple[str, ...]
    lines: Sequence[tuple[str, ...]]
    num_words: int = 1

    @property
    def right(self) -> range:
        """The columns of numbers."""
        return range(self.num_words, len(self.titles))
