"""Pictures of a study: accuracy against cost, differences seed by seed, curves with bands."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import units
from ...studies import ArmRun, StudyResult
from ...studies.comparisons import PairedDifference
from ...studies.metric import Metric
from ...studies.summary import StudySummary
from ..figures import as_png, new_figure
from ..palette import INK, LINES, MARKERS, ON_PAPER
from .tables import COST_TITLES, plotted_costs, verdict_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 11.0  # inches, as every picture of a page
_MANY_EPOCHS, _MANY_TIMES, _MOST_TICKS = 8, 8, 6
_BAR: dict[str, Any] = {"markersize": 8, "capsize": 4, "linestyle": "none", "markeredgecolor": "white"}
_CURVES = {"train_loss": "training loss", "validation_accuracy": "validation accuracy, %"}


def cost_figure(summary: StudySummary) -> "Figure":
    """The metric against each cost in which the arms differ, with intervals, and the Pareto front as a line."""
    costs = plotted_costs(summary)
    figure = new_figure(_WIDTH, 4.2)
    for place, cost in enumerate(costs, start=1):
        _cost_panel(figure.add_subplot(1, len(costs), place), cost, summary)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", frameon=False)
    return figure


def differences_figure(summary: StudySummary) -> "Figure":
    """Each arm less the one it is compared with: a dot a seed, the mean with its interval, and the verdict."""
    styles = _styles(summary)
    compared = [arm for arm in summary.arms if arm.difference]
    figure = new_figure(_WIDTH, 1.1 + 0.55 * len(compared))
    axes = figure.add_subplot()
    axes.axvline(0, color=INK, linewidth=1)
    for row, arm in enumerate(compared):
        if arm.difference:
            _difference(axes, row, arm.difference, summary.metric, *styles[arm.name])
    axes.set_yticks(range(len(compared)), [arm.name for arm in compared])
    axes.set_ylim(len(compared) - 0.4, -0.6)
    unit = ", points" if summary.metric.is_share else ""
    other = summary.common_reference or "the other"
    axes.set_xlabel(f"{summary.metric.title} less that of {other}{unit}; large: mean and 95 % interval")
    axes.grid(axis="x", alpha=0.3)
    verdicts = axes.secondary_yaxis("right")
    words = [verdict_words(arm.difference, summary) for arm in compared if arm.difference]
    verdicts.set_yticks(range(len(compared)), words)
    verdicts.tick_params(length=0)
    return figure


def curves_band_png(result: StudyResult) -> bytes:
    """Loss and accuracy by epoch: the mean of each arm's seeds as a line, all of them within its band.

    Of eight epochs or more the first quarter is left out, since its scale hides what comes after.
    """
    from matplotlib.ticker import MaxNLocator

    styles = _styles(result.summary)
    last = max((row["epoch"] for run in result.runs for row in run.epochs), default=0)
    first = last // 4 + 1 if last >= _MANY_EPOCHS else 1
    figure = new_figure(_WIDTH, 4.2)
    for place, (key, title) in enumerate(_CURVES.items(), start=1):
        axes = figure.add_subplot(1, len(_CURVES), place)
        for number, arm in enumerate(result.arms):
            curves = [_curve(run, key, first) for run in arm.runs]
            line = LINES[number // len(ON_PAPER) % len(LINES)]
            _band(axes, [each for each in curves if each], arm.name, *styles[arm.name], line)
        axes.set(title=title + (f", from epoch {first}" if first > 1 else ""), xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid(alpha=0.3)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    if labels:
        figure.legend(handles, labels, loc="outside right upper", frameon=False)
    return as_png(figure)


def _styles(summary: StudySummary) -> dict[str, tuple[str, str]]:
    """Color and marker of each arm, the same in every picture."""
    return {
        arm.name: (ON_PAPER[number % len(ON_PAPER)], MARKERS[number % len(MARKERS)])
        for number, arm in enumerate(summary.arms)
    }


def _scaled(value: float, metric: Metric) -> float:
    return 100 * value if metric.is_share else value


def _cost_panel(axes: "Axes", cost: str, summary: StudySummary) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    metric, styles = summary.metric, _styles(summary)
    arms = [arm for arm in summary.arms if metric.name in arm.estimates]
    costs = [arm.costs[cost] for arm in arms]
    is_log = max(costs) > _MANY_TIMES * min(costs)
    if is_log:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(_MOST_TICKS))
    places = dict(zip((arm.name for arm in arms), _apart(costs, is_log=is_log), strict=True))
    for arm in arms:
        found, (color, marker) = arm.estimates[metric.name], styles[arm.name]
        mean = _scaled(found.mean, metric)
        half = mean - _scaled(found.interval[0], metric) if found.interval else None
        axes.errorbar(places[arm.name], mean, yerr=half, color=color, marker=marker, label=arm.name, zorder=3, **_BAR)
    front = sorted((arm for arm in arms if arm.name in summary.fronts[cost]), key=lambda arm: arm.costs[cost])
    means = [_scaled(arm.estimates[metric.name].mean, metric) for arm in front]
    axes.plot([places[arm.name] for arm in front], means, ":", color="#555555", zorder=1, label="Pareto front")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: units.count(value)))
    axes.margins(x=0.08)
    axes.set(xlabel=COST_TITLES[cost], ylabel=f"{metric.title}, %" if metric.is_share else metric.title)
    axes.grid(alpha=0.3)


def _apart(costs: Sequence[float], *, is_log: bool) -> list[float]:
    """Return where arms are drawn: at their cost, those of nearly one cost a little to the side of each other."""
    near = [[j for j, other in enumerate(costs) if abs(other - cost) <= 0.02 * cost] for cost in costs]
    steps = [0.03 * (group.index(i) - (len(group) - 1) / 2) for i, group in enumerate(near)]
    low, high = min(costs), max(costs)
    if is_log:
        return [cost * (high / low) ** step for cost, step in zip(costs, steps, strict=True)]
    return [cost + (high - low) * step for cost, step in zip(costs, steps, strict=True)]


def _difference(axes: "Axes", row: int, found: PairedDifference, metric: Metric, color: str, marker: str) -> None:
    values = [_scaled(value, metric) for value in found.estimate.values]
    axes.plot(values, [row + 0.2] * len(values), marker, color=color, markersize=5, alpha=0.55, linestyle="none")
    mean = _scaled(found.estimate.mean, metric)
    half = mean - _scaled(found.estimate.interval[0], metric) if found.estimate.interval else None
    axes.errorbar(mean, row - 0.1, xerr=half, color=color, marker=marker, linewidth=2, **_BAR | {"markersize": 10})


def _curve(run: ArmRun, key: str, first: int) -> dict[int, float]:
    scale = 100.0 if key.endswith("accuracy") else 1.0
    rows = [row for row in run.epochs if row.get(key) is not None and row["epoch"] >= first]
    return {row["epoch"]: scale * row[key] for row in rows}


def _band(axes: "Axes", curves: Sequence[Mapping[int, float]], name: str, color: str, marker: str, line: str) -> None:
    if not curves:
        return
    epochs = sorted(set.intersection(*(set(curve) for curve in curves)))
    values = np.array([[curve[epoch] for epoch in epochs] for curve in curves])
    every = max(1, len(epochs) // 8)
    axes.plot(
        epochs, values.mean(0), color=color, linestyle=line, marker=marker, markevery=every, markersize=5, label=name
    )
    if len(curves) > 1:
        axes.fill_between(epochs, values.min(0), values.max(0), color=color, alpha=0.1, linewidth=0)
