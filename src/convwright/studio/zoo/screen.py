"""The page of the zoo without a browser: the query, and the table that answers it."""

from collections.abc import Iterator, Mapping

from ...errors import ConvwrightError
from ..web.screen import PageState, Parts
from . import fragments
from .table import ZooQuery, ZooTable, read_query

_SLICE_SECONDS = 0.3  # that the one worker spends on the zoo before it sees to others


class ZooScreen:
    """Query of one browser tab.

    Parameters
    ----------
    table : ZooTable
        The models, which all tabs share.

    Attributes
    ----------
    query : ZooQuery
        The last query that could be read.
    problem : str
        Why the last request could not be read; "" if it could.
    """

    def __init__(self, table: ZooTable) -> None:
        self._table = table
        self.query = ZooQuery()
        self.problem = ""

    @property
    def state(self) -> PageState:
        """State for the script of the page; a query is no step of the history."""
        texts = self.query.texts()
        return PageState(
            title="Compare", address=self.query.address(), values=texts, changed=tuple(texts), is_step=False
        )

    def open(self, query: Mapping[str, str]) -> None:
        """Ask what an address asks."""
        try:
            self.query, self.problem = read_query(query), ""
        except ConvwrightError as error:
            self.problem = str(error)

    def set(self, name: str, text: str) -> None:
        """Change one part of the query."""
        self.open(self.query.texts() | {name: text})

    def act(self, words: str) -> None:
        """Sort by a column ("sort COLUMN") or pick a model ("pick MODEL").

        A column by which the table is sorted already is sorted the other way round; a model that was picked is left
        again, and of three, the first one goes.
        """
        name, _, about = words.partition(" ")
        if name == "sort":
            is_falling = self.query.order == about and not self.query.is_falling
            self.open(self.query.texts() | {"order": about, "is_falling": "yes" if is_falling else ""})
        elif name == "pick":
            names = self.query.names
            names = tuple(each for each in names if each != about) if about in names else (*names, about)[-2:]
            self.open(self.query.texts() | {"picked": ",".join(names)})

    def draw(self) -> Iterator[Parts]:
        """Draw the rows that are known, and then again as more of them are made."""
        yield {"form": fragments.budget_form(), "table": fragments.zoo_table(self._table, self.query, self.problem)}
        while not self._table.is_whole:
            self._table.more(_SLICE_SECONDS)
            yield {"table": fragments.zoo_table(self._table, self.query, self.problem)}
