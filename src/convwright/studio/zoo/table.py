"""The whole zoo with its costs: sorted and filtered by a budget, at once."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from ... import units
from ...errors import ConvwrightError, require_choice
from ...models import family_of, model_names
from ...models.published import published_top1
from ...statistics import pareto_front
from ..shared.design import Design
from ..shared.workbench import Workbench


@dataclass(frozen=True, kw_only=True)
class ZooRow:
    """A model as it was published.

    Attributes
    ----------
    model, family : str
        Its names.
    input_px : int
        Side of the images it was made for.
    parameters, macs, activation_bytes, peak_bytes, field_px : int
        Of one such image; the peak is that of inference, the field the smaller one of the axes.
    top1_percent : float
        Of the first weights that torchvision published; not a number where there are none.
    """

    model: str
    family: str
    input_px: int
    parameters: int
    macs: int
    activation_bytes: int
    peak_bytes: int
    field_px: int
    top1_percent: float

    @property
    def cells(self) -> tuple[str, ...]:
        """The values as people read them, in the order of `TITLES`."""
        return (
            self.model,
            self.family,
            str(self.input_px),
            units.count(self.parameters),
            units.count(self.macs),
            units.bytes_(self.activation_bytes),
            units.bytes_(self.peak_bytes),
            str(self.field_px),
            "" if math.isnan(self.top1_percent) else f"{self.top1_percent:.2f}",
        )


TITLES: Mapping[str, str] = dict(
    zip(
        (field.name for field in fields(ZooRow)),
        ("model", "family", "input, px", "parameters", "MACs", "activations", "peak memory", "field, px", "top-1, %"),
        strict=True,
    )
)
COSTS = ("macs", "parameters", "activation_bytes", "peak_bytes")


class ZooTable:
    """Rows that are made when first asked for, and then kept.

    Parameters
    ----------
    bench : Workbench
        What looks at the models.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._names = model_names()
        self.rows: list[ZooRow] = []

    @property
    def num_models(self) -> int:
        """Number of rows of the whole table."""
        return len(self._names)

    @property
    def is_whole(self) -> bool:
        """True if every model has its row."""
        return len(self.rows) == self.num_models

    def more(self, seconds: float = 0.0) -> None:
        """Make rows for about so long, at least one; does nothing once all are there."""
        end = monotonic() + seconds
        while not self.is_whole:
            self.rows.append(self._row(self._names[len(self.rows)]))
            if monotonic() >= end:
                break

    def _row(self, name: str) -> ZooRow:
        analysis = self._bench.look(Design(model=name)).analysis
        assert analysis is not None  # noqa: S101 - every model of the zoo runs as it was published
        totals, published = analysis.totals, published_top1(name)
        return ZooRow(
            model=name,
            family=family_of(name),
            input_px=analysis.input_shapes[0][-1],
            parameters=totals.parameters,
            macs=totals.macs,
            activation_bytes=totals.activation_bytes,
            peak_bytes=totals.peak_inference_bytes,
            field_px=min(totals.receptive_field_px),
            top1_percent=published[0].top1_percent if published else math.nan,
        )


@dataclass(frozen=True, kw_only=True)
class ZooQuery:
    """Filter and order of the table.

    Attributes
    ----------
    words : str
        In the name of the model or the family.
    parameters_m, macs_m, field_px : float
        At most so many millions of parameters and of MACs, and a field of at least so many pixels.
    order : str
        The column to sort by.
    is_falling : bool
        Whether the largest comes first.
    cost : str
        What accuracy is drawn against.
    picked : str
        The models to set side by side, with a comma between.
    """

    words: str = ""
    parameters_m: float = math.inf
    macs_m: float = math.inf
    field_px: float = 0.0
    order: str = "model"
    is_falling: bool = False
    cost: str = "macs"
    picked: str = ""

    def __post_init__(self) -> None:
        require_choice("order", self.order, TITLES)
        require_choice("cost", self.cost, COSTS)
        for name in self.names:
            require_choice("picked", name, model_names())

    @property
    def names(self) -> tuple[str, ...]:
        """The models that were picked."""
        return tuple(filter(None, self.picked.split(",")))

    def admits(self, row: ZooRow) -> bool:
        """Return True if a model is within the budget."""
        return (
            self.words.lower() in f"{row.model} {row.family}"
            and row.parameters <= self.parameters_m * 1e6
            and row.macs <= self.macs_m * 1e6
            and row.field_px >= self.field_px
        )

    def of(self, rows: Iterable[ZooRow]) -> list[ZooRow]:
        """Return the rows within the budget, in order; unknown values come last."""
        found = [row for row in rows if self.admits(row)]
        if self.order in ("model", "family"):
            return sorted(found, key=lambda row: _natural(getattr(row, self.order)), reverse=self.is_falling)
        unknown = [row for row in found if math.isnan(getattr(row, self.order))]
        known = [row for row in found if row not in unknown]
        return sorted(known, key=lambda row: getattr(row, self.order), reverse=self.is_falling) + unknown

    def texts(self) -> dict[str, str]:
        """Return the fields that are not at their default as texts: what `read_query` takes."""
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        return {name: _text(value) for name, (value, default) in values.items() if value != default}

    def address(self) -> str:
        """Return the query string of the page that shows it."""
        return f"?{urlencode(self.texts())}"


def read_query(texts: Mapping[str, str]) -> ZooQuery:
    """Read the query of an address or of the controls; an empty text is the default.

    Raises
    ------
    ConvwrightError
        For a text that is no number where one is needed, or an unknown column.

    Examples
    --------
    >>> read_query({"parameters_m": "1", "macs_m": "100", "field_px": "128"}).texts()
    {'parameters_m': '1', 'macs_m': '100', 'field_px': '128'}
    """
    given: dict[str, Any] = {}
    for field in fields(ZooQuery):
        text = texts.get(field.name, "").strip()
        if text:
            given[field.name] = _value(field.name, text, field.default)
    return ZooQuery(**given)


def best_for(rows: Sequence[ZooRow], cost: str) -> set[str]:
    """Return the models whose published accuracy no other reaches at less of a cost."""
    known = [row for row in rows if not math.isnan(row.top1_percent)]
    front = pareto_front([getattr(row, cost) for row in known], [row.top1_percent for row in known])
    return {row.model for row, is_best in zip(known, front, strict=True) if is_best}


def _value(name: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        return text == "yes"
    if isinstance(default, str):
        return text
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise ConvwrightError(name, expected="a number from 0 up", got=text)
    return value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a name to sort by, in which resnet18 comes before resnet101."""
    parts: list[str] = []
    for character in name:
        if parts and parts[-1].isdigit() == character.isdigit():
            parts[-1] += character
        else:
            parts.append(character)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
