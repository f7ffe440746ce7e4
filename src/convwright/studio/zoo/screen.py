"""The table of the zoo without a page: what is asked of it, and what is shown."""

from collections.abc import Mapping

from ...errors import ConvwrightError
from . import fragments
from .table import Wish, Zoo, read_wish


class Listing:
    """What one page has asked for.

    Parameters
    ----------
    zoo : Zoo
        The models.

    Attributes
    ----------
    wish : Wish
        What is asked: the last that could be read.
    problem : str
        Why the last could not be; "" when it could.
    """

    def __init__(self, zoo: Zoo) -> None:
        self._zoo = zoo
        self.wish = Wish()
        self.problem = ""

    def open(self, texts: Mapping[str, str]) -> None:
        """Ask what an address asks."""
        try:
            self.wish, self.problem = read_wish(texts), ""
        except ConvwrightError as error:
            self.problem = str(error)

    def ask(self, name: str, text: str) -> None:
        """Change one part of the wish."""
        self.open(self.wish.texts() | {name: text})

    def sort(self, column: str) -> None:
        """Sort by a column, its largest first if it is sorted by already."""
        is_falling = self.wish.order == column and not self.wish.is_falling
        self.open(self.wish.texts() | {"order": column, "is_falling": "yes" if is_falling else ""})

    def pick(self, model: str) -> None:
        """Pick a model to set side by side, or leave it again; of three, the first one goes."""
        names = self.wish.names
        names = tuple(name for name in names if name != model) if model in names else (*names, model)[-2:]
        self.open(self.wish.texts() | {"picked": ",".join(names)})

    def table(self) -> str:
        """The rows that are known so far."""
        return fragments.zoo_table(self._zoo, self.wish, self.problem)

    @property
    def is_whole(self) -> bool:
        """Whether every model has its row."""
        return self._zoo.is_whole

    def grow(self, seconds: float) -> str:
        """Make rows for about so long; the table then."""
        self._zoo.more(seconds)
        return self.table()
