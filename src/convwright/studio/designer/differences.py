"""Two networks, line by line: where their costs, stages, layers and findings differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from ... import units
from ...analysis.facts import Analysis
from ...analysis.stages import Stage, stages
from ...linter import Report
from ...linter.report import FindingGroup
from ...reports.analysis.rows import total_rows
from ...units import pixels


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One thing that both may have.

    Attributes
    ----------
    name : str
        What it is.
    first, second : str
        As the one and the other has it; "" for none.
    ratio : str
        The second over the first, "" where they are equal or no numbers.
    """

    name: str
    first: str
    second: str
    ratio: str = ""

    @property
    def differs(self) -> bool:
        """True if the two differ."""
        return self.first != self.second or bool(self.ratio)


@dataclass(frozen=True, kw_only=True)
class Differences:
    """Two networks side by side.

    Attributes
    ----------
    costs : tuple of Pair
        Every total of a report.
    stages : tuple of tuple of Pair
        A line a stage: its map, parameters, MACs and field.
    layers : tuple of Pair
        The shapes that layers of one name make, where they differ or only one has them.
    only_first, only_second : tuple of FindingGroup
        Findings of rules that are silent on the other.
    """

    costs: tuple[Pair, ...]
    stages: tuple[tuple[Pair, ...], ...]
    layers: tuple[Pair, ...]
    only_first: tuple[FindingGroup, ...]
    only_second: tuple[FindingGroup, ...]


def differences(first: Report, second: Report) -> Differences:
    """Everything in which two networks differ; what is not known of one that does not run is empty."""
    return Differences(
        costs=tuple(_totals(first.analysis, second.analysis)),
        stages=tuple(_stages(first.analysis, second.analysis)),
        layers=tuple(_layers(first.analysis, second.analysis)),
        only_first=_only(first.groups, second.groups),
        only_second=_only(second.groups, first.groups),
    )


def cost_ratios(first: Analysis | None, second: Analysis | None) -> dict[str, str]:
    """Return the costs of the second over those of the first, by the names of a report, where they are not equal."""
    if first is None or second is None:
        return {}
    pairs = zip(_costs(first).items(), _costs(second).values(), strict=True)
    return {name: _ratio(after / before) for (name, before), after in pairs if before and after != before}


def _ratio(value: float) -> str:
    """Return a ratio as a factor, or in percent where it is near 1."""
    return f"{100 * (value - 1):+.2g} %" if abs(value - 1) < 0.005 else f"x{value:.3g}"


def _costs(analysis: Analysis) -> dict[str, int]:
    t = analysis.totals
    return {
        "parameters": t.parameters,
        "MACs": t.macs,
        "FLOPs": t.flops,
        "weights": analysis.parameters.num_bytes,
        "peak memory, inference": t.peak_inference_bytes,
        "kept for backward": t.activation_bytes,
        "peak memory, training": t.peak_training_bytes,
    }


def _totals(first: Analysis | None, second: Analysis | None) -> Iterator[Pair]:
    left, right = ({name: read for name, read, _ in total_rows(each)} if each else {} for each in (first, second))
    ratios = cost_ratios(first, second)
    for name in dict.fromkeys((*left, *right)):
        yield Pair(name=name, first=left.get(name, ""), second=right.get(name, ""), ratio=ratios.get(name, ""))


def _stages(first: Analysis | None, second: Analysis | None) -> Iterator[tuple[Pair, ...]]:
    titles = ("map", "parameters", "MACs", "field, px")
    left, right = ([_cells(stage) for stage in stages(each.ops)] if each else [] for each in (first, second))
    for one, other in zip_longest(left, right, fillvalue=("",) * len(titles)):
        yield tuple(Pair(name=t, first=a, second=b) for t, a, b in zip(titles, one, other, strict=True))


def _cells(stage: Stage) -> tuple[str, ...]:
    size = f"{stage.channels} x {units.size(stage.size_px)}" if stage.size_px else "after the last map"
    return size, units.count(stage.parameters), units.count(stage.macs), pixels(stage.receptive_field_px)


def _layers(first: Analysis | None, second: Analysis | None) -> Iterator[Pair]:
    # The shape that the last op of each layer makes.
    left, right = (
        {op.path: units.size(op.output.shape) for op in each.graph.ops if op.path} if each else {}
        for each in (first, second)
    )
    for path in dict.fromkeys((*left, *right)):
        pair = Pair(name=path, first=left.get(path, ""), second=right.get(path, ""))
        if pair.differs:
            yield pair


def _only(findings: Sequence[FindingGroup], others: Sequence[FindingGroup]) -> tuple[FindingGroup, ...]:
    known = {group.first.code for group in others}
    return tuple(group for group in findings if group.first.code not in known)
