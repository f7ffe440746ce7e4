"""Two networks layer by layer: which layers belong together, and what differs between them."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from ... import units
from ..sheet import Sheet
from .columns import ALL_COLUMNS
from .layers import AnalysisRow

_COMPARED = ("type", "output", "kernel", "stride", "groups", "dtype", "parameters", "macs", "field")


@dataclass(frozen=True, kw_only=True)
class LayerPair:
    """A layer of one network and the layer of the other that it belongs to; None where only one has it."""

    first: AnalysisRow | None
    second: AnalysisRow | None

    @property
    def differs(self) -> dict[str, tuple[Any, Any]]:
        """Both values of each column in which the two differ; {} if only one network has the layer."""
        if self.first is None or self.second is None:
            return {}
        values = ((name, self.first.values[name], self.second.values[name]) for name in _COMPARED)
        return {name: (one, other) for name, one, other in values if one != other}

    @property
    def kind(self) -> str:
        """The difference in a word: "first", "second", "field", "layer", or "" for equal layers."""
        if self.second is None or self.first is None:
            return "first" if self.second is None else "second"
        return "field" if set(self.differs) == {"field"} else "layer" if self.differs else ""

    def to_dict(self) -> dict[str, Any]:
        """The pair as plain values."""
        names = [row.name if row else None for row in (self.first, self.second)]
        differs = {name: [_plain(each) for each in pair] for name, pair in self.differs.items()}
        return {"layers": names, "differs": differs}


@dataclass(frozen=True, kw_only=True)
class LayerComparison:
    """Two networks, their layers paired in the order of both."""

    labels: tuple[str, str]
    pairs: tuple[LayerPair, ...]

    def to_dict(self) -> list[dict[str, Any]]:
        """Everything that differs as plain values."""
        return [pair.to_dict() for pair in self.pairs if pair.kind]

    def sheet(self) -> Sheet:
        """The differences as a table; neighbors that only one network has, or with other fields only, are one line."""
        lines = []
        for kind, group in groupby(self.pairs, key=lambda pair: pair.kind):
            members = list(group)
            if kind == "layer":
                lines += [(_name(pair), _difference_words(pair)) for pair in members]
            elif kind:
                lines.append((_range(members), self._words(kind, members)))
        return Sheet(titles=("layer", "difference"), lines=lines, num_words=2)

    def summary(self) -> str:
        """The number of layers that are equal, that differ, and that only one network has."""
        kinds, (first, second) = [pair.kind for pair in self.pairs], self.labels
        number = {kind: kinds.count(kind) for kind in ("", "layer", "field")}
        counts = f"{number['']} layers are equal, {number['layer']} differ, {number['field']} in the field only"
        return f"{counts}; {kinds.count('first')} are only in {first}, {kinds.count('second')} only in {second}."

    def _words(self, kind: str, members: Sequence[LayerPair]) -> str:
        if kind == "field":
            first, last = (_change("field", members[at].differs["field"]) for at in (0, -1))
            return first if first == last else f"{first} .. {last}"
        rows = [row for pair in members for row in (pair.first, pair.second) if row]
        parameters = sum(row.values["parameters"] for row in rows)
        costs = f"{units.count(parameters)} parameters, {units.count(sum(row.macs for row in rows))} MACs"
        return f"only in {self.labels[kind == 'second']}: {units.number_of(len(rows), 'layer')}, {costs}"


def compare_layers(
    labels: tuple[str, str], first: Sequence[AnalysisRow], second: Sequence[AnalysisRow]
) -> LayerComparison:
    """Pair the layers of two networks, both in call order.

    Networks that share at least half of the names of the smaller one are paired by name, others by type and window.

    Parameters
    ----------
    labels : tuple of str
        Names of the two.
    first, second : sequence of AnalysisRow
        Their layers, as `leaf_rows` gives them.
    """
    names = {row.name for row in first}, {row.name for row in second}
    by_name = 2 * len(names[0] & names[1]) >= min(map(len, names))
    keys = [[row.name if by_name else _structure(row) for row in rows] for rows in (first, second)]
    return LayerComparison(labels=labels, pairs=tuple(_pairs(first, second, keys, by_name=by_name)))


def _pairs(
    first: Sequence[AnalysisRow], second: Sequence[AnalysisRow], keys: Sequence[Sequence[Hashable]], *, by_name: bool
) -> Iterator[LayerPair]:
    for kind, a, b, c, d in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        ones, others = first[a:b], second[c:d]
        if kind == "equal":
            yield from (LayerPair(first=one, second=other) for one, other in zip(ones, others, strict=True))
        elif kind == "replace" and not by_name:
            types = [[row.values["type"] or row.name for row in rows] for rows in (ones, others)]
            yield from _pairs(ones, others, types, by_name=True)
        else:
            yield from (LayerPair(first=row, second=None) for row in ones)
            yield from (LayerPair(first=None, second=row) for row in others)


def _structure(row: AnalysisRow) -> tuple[Any, ...]:
    kind = row.values["type"] or row.name.rpartition(" ")[2]
    return kind, row.values["kernel"], row.values["stride"]


def _name(pair: LayerPair) -> str:
    names = [row.name for row in (pair.first, pair.second) if row]
    return " | ".join(dict.fromkeys(names))


def _range(members: Sequence[LayerPair]) -> str:
    ends = [_name(members[0]), _name(members[-1])]
    return " .. ".join(dict.fromkeys(ends))


def _difference_words(pair: LayerPair) -> str:
    return ", ".join(_change(name, values) for name, values in pair.differs.items())


def _change(name: str, values: tuple[Any, Any]) -> str:
    column = ALL_COLUMNS[name]
    return f"{column.name} {' -> '.join((column.short or column.words)(value) or 'none' for value in values)}"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
