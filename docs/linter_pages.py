"""The pages of the linter: what it is, and one for each rule."""

import csv
import difflib
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

from benchmark_page import newest
from markdown import table
from scipy import stats

from convwright import linter, units
from convwright.linter import report
from convwright.linter.fix_source import SourceFixer
from convwright.linter.lint_task import LintTask
from convwright.networks import Network, NetworkName, open_network, parse_input
from convwright.reports.findings.rule_page import rule_page

HERE = Path(__file__).parent


def linter_page() -> str:
    rows = [
        [
            f"[{code}](rules/{code}.md)",
            rule.name,
            f"{rule.severity}{'' if rule.is_default else ', off'}",
            rule.page()["what"],
        ]
        for code, rule in linter.all_rules().items()
    ]
    with (HERE / "zoo-warnings.csv").open(encoding="utf-8", newline="") as file:
        zoo = [[row["rule"], row["models"].replace(" ", ", "), row["reason"]] for row in csv.DictReader(file)]
    return Template((HERE / "templates/linter.md").read_text(encoding="utf-8")).substitute(
        schema=report.SCHEMA,
        rules=table(["rule", "name", "severity", "what it flags"], rows),
        costs=_costs(),
        **_first_net(),
        num_timm=len((HERE.parent / "tests/analysis/timm_sample.txt").read_text(encoding="utf-8").splitlines()),
        zoo=table(["rule", "networks", "why it is right"], zoo),
    )


def _costs() -> str:
    """What the rules cost, as benchmarks/linter.py measured it."""
    result = newest("linter")
    titles = ["network", "analysis, every fact", "all rules", "lint, all in all"]
    rows = [
        [name, *(f"{times[what]:.1f} ms" for what in ("analysis", "rules", "lint"))]
        for name, times in result["median_ms"].items()
    ]
    how = f"`python benchmarks/linter.py`, {result['date']}, {result['num_rules']} rules, torch {result['torch']}"
    return f"{how}, one thread, medians of {result['rounds']} rounds:\n\n{table(titles, rows)}"


def _first_net() -> dict[str, Any]:
    """The first CNN of examples/ before and after, as benchmarks/flawed_net.py measured it."""
    result = newest("flawed-net")
    rows = []
    for when, net in result["nets"].items():
        low, high = _interval(net["accuracy"])
        accuracy = f"{statistics.mean(net['accuracy']):.1%} ({low:.1%} to {high:.1%})"
        seconds = f"{net['median_seconds']:.0f} s"
        rows.append([when, units.count(net["parameters"]), units.count(net["macs"], "MACs"), accuracy, seconds])
    before, after = (result["nets"][when]["accuracy"] for when in ("before", "after"))
    gains = [late - early for early, late in zip(before, after, strict=True)]
    low, high = _interval(gains)
    titles = ["file", "parameters", "MACs an image", "accuracy, mean and 95 % interval", "training, median"]
    return result | {
        "diff": _fixed_example(),
        "trained": table(titles, rows),
        "gain": f"{100 * statistics.mean(gains):.1f} points ({100 * low:.1f} to {100 * high:.1f})",
    }


def _interval(values: list[float]) -> tuple[float, float]:
    """95 % interval of the mean, by Student's t."""
    half = stats.t.ppf(0.975, len(values) - 1) * statistics.stdev(values) / len(values) ** 0.5
    return statistics.mean(values) - half, statistics.mean(values) + half


def _fixed_example() -> str:
    file = HERE.parent / "examples/flawed_net.py"

    def load() -> Network:
        return open_network(NetworkName(text=f"{file}:FlawedNet"))

    fixer = SourceFixer(tasks=(LintTask(load=load, inputs=(parse_input("3x32x32"),), settings=linter.Settings()),))
    fixed = fixer.fix(unsafe=True).state[str(file)]
    lines = difflib.unified_diff(
        file.read_text(encoding="utf-8").splitlines(), fixed.splitlines(), "flawed_net.py", "flawed_net.py", lineterm=""
    )
    return "\n".join(lines)


def rule_pages() -> dict[str, Callable[[], str]]:
    return {f"rules/{code}.md": partial(rule_page, rule) for code, rule in linter.all_rules().items()}
