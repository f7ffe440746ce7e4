"""The lines of the table of layers: the module tree, a flat list of layers, or the stages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from ... import units
from ...analysis.facts import Analysis, OpFacts
from ...analysis.stages import stages
from ...analysis.tree import Node, module_tree
from ...errors import unknown
from .columns import ALL_COLUMNS, DEFAULT_COLUMNS, Column, sort_key

Times = Mapping[str, float]  # median seconds of a module, by its path; "" is the whole network


@dataclass(frozen=True, kw_only=True)
class AnalysisRow:
    """One line of the table: how deep it is indented, its name, and its exact values by the names of the columns.

    `paths` are the first and the last module that it is about.
    """

    level: int
    name: str
    paths: tuple[str, str]
    values: Mapping[str, Any]

    @property
    def cells(self) -> tuple[str, ...]:
        """The name and the default columns as text, in the order of `TITLES`."""
        return self.name, *(column.words(self.values.get(column.name)) for column in DEFAULT_COLUMNS)

    @property
    def macs(self) -> int:
        """MACs of the traced batch."""
        return int(self.values["macs"])


@dataclass(frozen=True, kw_only=True)
class TableChoice:
    """Choice of the lines and columns of the table of layers.

    Attributes
    ----------
    columns : tuple of Column or None
        None for the default ones.
    depth : int or None
        Levels of the module tree; None for 3, and for all levels where the list is flat.
    sort : str
        Name of the column by which layers are sorted, as a flat list; "" for the tree.
    pattern : str
        Glob of the module paths or types that are listed; "" for all.
    by_stage : bool
        One line for each resolution instead of the tree.
    times : mapping of str to float
        Median seconds of each module by its path, where they were measured.
    """

    columns: tuple[Column, ...] | None = None
    depth: int | None = None
    sort: str = ""
    pattern: str = ""
    by_stage: bool = False
    times: Times | None = None

    @property
    def is_flat(self) -> bool:
        """True if the lines are no tree: each is named by its whole path."""
        return bool(self.sort or self.pattern)

    @property
    def shown_columns(self) -> tuple[Column, ...]:
        """The columns that were chosen, else the default ones, and the latency where it was measured."""
        if self.columns is not None:
            return self.columns
        return (*DEFAULT_COLUMNS, ALL_COLUMNS["latency"]) if self.times else DEFAULT_COLUMNS

    def rows(self, analysis: Analysis) -> list[AnalysisRow]:
        """Return the lines of the table.

        Raises
        ------
        ConvwrightError
            When no module has the pattern in its path or type.
        """
        if self.by_stage:
            found = stage_rows(analysis)
            return sorted(found, key=self._key, reverse=self._is_descending) if self.sort else found
        if self.is_flat:
            return self._flat(analysis)
        return tree_rows(analysis, 3 if self.depth is None else self.depth, times=self.times)

    def _flat(self, analysis: Analysis) -> list[AnalysisRow]:
        if not self.pattern:
            rows = leaf_rows(analysis, self.depth, times=self.times)
        else:
            root = module_tree(analysis.ops, analysis.graph.modules, analysis.label, is_folded=False)
            below = [node for level, node in root.walk(self.depth) if level]
            nodes = [node for node in below if _matches(node, self.pattern)]
            if not nodes:
                names = {name for node in below for name in (node.path, node.type_name or node.name) if name}
                hint = "--filter takes the path or type of a module, with * for any text"
                raise unknown("layer", self.pattern, names, hint=hint)
            rows = [_named(_row(analysis, 0, node, self.times), node) for node in nodes]
        return sorted(rows, key=self._key, reverse=self._is_descending) if self.sort else rows

    def _key(self, row: AnalysisRow) -> Any:
        value = row.values.get(self.sort)
        return sort_key(value) if self._is_descending else str(value or "")

    @property
    def _is_descending(self) -> bool:
        return ALL_COLUMNS[self.sort].is_number or self.sort in ("input", "output")


def tree_rows(analysis: Analysis, depth: int, *, times: Times | None = None) -> list[AnalysisRow]:
    """The module tree down to `depth` levels, repeats folded; each level adds up to the one above."""
    root = module_tree(analysis.ops, analysis.graph.modules, analysis.label)
    return [_row(analysis, level, node, times) for level, node in root.walk(depth)]


def leaf_rows(analysis: Analysis, depth: int | None = None, *, times: Times | None = None) -> list[AnalysisRow]:
    """The lines of the tree, down to `depth` levels, that have no line below them, named by their paths.

    They add up to the whole, and none is folded.
    """
    root = module_tree(analysis.ops, analysis.graph.modules, analysis.label, is_folded=False)
    walked = list(root.walk(depth))
    after = [*(level for level, _ in walked[1:]), 0]
    nodes = [node for (level, node), next_ in zip(walked, after, strict=True) if next_ <= level]
    return [_named(_row(analysis, 0, node, times), node) for node in nodes]


def stage_rows(analysis: Analysis) -> list[AnalysisRow]:
    """A line for each resolution of the network."""
    rows, total = [], analysis.totals.parameters
    for number, stage in enumerate(stages(analysis.ops), start=1):
        size = units.size(stage.size_px) if stage.size_px else "after the last map"
        values = {
            "type": f"{_short(stage.first_path)} .. {_short(stage.last_path)}",
            "output": f"{stage.channels} x {size}" if stage.size_px else size,
            "parameters": stage.parameters,
            "percent": stage.parameters / total if total else 0.0,
            "macs": stage.macs,
            "flops": stage.flops,
            "field": stage.receptive_field_px,
        }
        paths = (stage.first_path, stage.last_path)
        rows.append(AnalysisRow(level=0, name=f"stage {number}", paths=paths, values=values))
    return rows


def _row(analysis: Analysis, level: int, node: Node, times: Times | None) -> AnalysisRow:
    name = f"{node.name} x {node.repeats}" if node.repeats > 1 else node.name
    parent, _, first = node.path.rpartition(".")
    last = node.name.rpartition("-")[2] if node.repeats > 1 else first
    paths = (node.path, f"{parent}.{last}" if parent else last)
    return AnalysisRow(level=level, name=name, paths=paths, values=_values(analysis, node, times))


def _values(analysis: Analysis, node: Node, times: Times | None) -> dict[str, Any]:
    ops, total = node.ops, analysis.totals.parameters
    window = _window(ops)
    read = next((t for facts in ops for t in facts.op.inputs if t.role not in ("parameter", "buffer")), None)
    return {
        "type": node.type_name if node.path else "",
        "input": read.shape if read else None,
        "output": node.output_shape,
        "kernel": window.get("kernel_size"),
        "stride": window.get("stride"),
        "groups": window.get("groups"),
        "dtype": next((facts.dtype for facts in reversed(ops) if facts.dtype), None),
        "parameters": node.parameters,
        "percent": node.parameters / total if total else 0.0,
        "trainable": sum(facts.trainable for facts in ops),
        "macs": node.macs,
        "flops": node.flops,
        "memory": max((facts.live_bytes for facts in ops), default=0),
        "kept": sum(facts.saved_bytes for facts in ops),
        "field": node.receptive_field_px,
        "jump": node.jump_px,
        "latency": _seconds(node, times) if times else None,
    }


def _window(ops: Sequence[OpFacts]) -> dict[str, Any]:
    """Return the window of a layer: that of its ops where it is one and the same."""
    found = [facts.window for facts in ops if facts.window]
    return (
        found[0] if found and len({facts.op.kind for facts in ops}) == 1 and all(w == found[0] for w in found) else {}
    )


def _seconds(node: Node, times: Times) -> float | None:
    """Return the time of a module, of all that a line stands for; None for an op that a module calls itself."""
    if not node.path:
        return times.get("") if node.children or node.type_name else None
    depth = node.path.count(".") + 1
    paths = {".".join(facts.op.path.split(".")[:depth]) for facts in node.ops} if node.type_name else set()
    known = [times[path] for path in paths if path in times]
    return sum(known) if known else None


def _matches(node: Node, pattern: str) -> bool:
    names = (node.path, node.type_name) if node.type_name else (node.name,)
    return any(fnmatchcase(name, pattern) for name in names)


def _named(row: AnalysisRow, node: Node) -> AnalysisRow:
    """Return a line that is named by its whole path, and an op by the path of the module that calls it."""
    return replace(row, name=node.path if node.type_name else f"{node.path} {node.name}()".strip())


def _short(path: str) -> str:
    return ".".join(path.split(".")[:3]) or "the model itself"


def indented(rows: Sequence[AnalysisRow]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of each line, two spaces deeper for each level, and its values."""
    for row in rows:
        yield "  " * row.level + row.name, dict(row.values)
