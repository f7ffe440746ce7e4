"""Two results of a study side by side, in the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from ._study_report import finished_result, open_ledger

if TYPE_CHECKING:
    from ..studies import StudyResult


def result_of(named: str, ledger: str | None, folder: Path) -> "StudyResult":
    """Return the result in a report.json, of its folder, or of NAME:BUDGET (quick when left out) in a ledger."""
    from ..reports.study.page import read_result
    from ..studies import make_plan, study_named

    if Path(named).exists() or named.endswith(".json"):
        return read_result(Path(named))
    name, _, budget = named.partition(":")
    plan = make_plan(study_named(name), budget=budget or "quick")
    with open_ledger(ledger, folder) as opened:
        return finished_result(plan, opened)


def print_two_results(first: "StudyResult", second: "StudyResult") -> None:
    """Print both answers, what differs in the settings, the arms in either, and whether the verdicts agree."""
    from ..reports.study.pair_tables import level_sheet, settings_sheet, verdict_sheet
    from ..studies.result_pair import compare_results
    from ._tables import table_of_sheet

    found, console = compare_results(first, second), Console(highlight=False)
    console.print(f"[bold]{first.question}[/bold]")
    console.print(f"first:  {found.first.answer}\nsecond: {found.second.answer}\n", markup=False)
    settings = settings_sheet(first, second)
    sheets = [*[settings] * bool(settings.lines), level_sheet(found), verdict_sheet(found)]
    for sheet in (each for each in sheets if each.lines):
        console.print(table_of_sheet(sheet))
        console.print()
    if not settings.lines:
        console.print("The settings are the same.")
    if found.left_out:
        console.print(f"In one of them only: {', '.join(found.left_out)}.", markup=False)
    console.print("Intervals are of 95 %, each by itself: with many arms one in twenty misses by chance.")
