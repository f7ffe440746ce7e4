"""The page on statistics: the rules, and what benchmarks/intervals.py measured of them."""

from pathlib import Path
from string import Template
from typing import Any

from benchmark_page import newest
from markdown import table

from convwright.statistics import LEAST_FOR_BCA
from convwright.studies.comparisons import seeds_needed
from convwright.studies.power import power, seeds_to_settle

HERE = Path(__file__).parent
_ARMS = (1, 2, 3, 4, 8, 10, 16)
_RATIOS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)


def statistics_page() -> str:
    result = newest("intervals")
    return Template((HERE / "templates/statistics.md").read_text(encoding="utf-8")).substitute(
        least_bca=LEAST_FOR_BCA,
        seeds=table(
            ["arms beside the baseline", *map(str, _ARMS)], [["seeds", *(str(seeds_needed(arms)) for arms in _ARMS)]]
        ),
        intervals=_intervals(result),
        errors=_errors(result),
        power=_power(),
    )


def _intervals(result: dict[str, Any]) -> str:
    kinds = result["kinds"]
    numbers = list(next(iter(kinds.values()))["coverage"])
    rows = [
        [kind, interval, *(f"{100 * found['coverage'][n][key]:.0f}" for n in numbers)]
        for kind, found in kinds.items()
        for interval, key in (("Student's", "student"), ("bootstrap", "bca"))
    ]
    how = (
        f"`python benchmarks/intervals.py`, {result['date']}, scipy {result['scipy']}: how often, in percent of "
        f"{result['draws']:,}\ndraws, an interval of 95 % held the true mean:"
    )
    return f"{how}\n\n{table(['differences', 'interval', *(f'n = {n}' for n in numbers)], rows)}"


def _errors(result: dict[str, Any]) -> str:
    kinds = result["kinds"]
    numbers = list(next(iter(kinds.values()))["false_positives"])
    rows = [[kind, *(f"{found['false_positives'][n]:.1%}" for n in numbers)] for kind, found in kinds.items()]
    return table(["draws", *(f"n = {n}" for n in numbers)], rows)


def _power() -> str:
    rows = []
    for ratio in _RATIOS:
        number = seeds_to_settle(ratio, 1.0)
        rows.append([f"{ratio:g}", str(number), f"{power(ratio, number):.0%}"])
    return table(["difference, in standard deviations of the differences", "seeds", "found"], rows)
