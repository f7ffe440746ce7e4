"""The end of a study: its answer, a table of the arms, and the files of the report."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from ..errors import ConvwrightError

if TYPE_CHECKING:
    from ..studies import Ledger, Plan, StudyResult


@contextmanager
def open_ledger(ledger: str | None, folder: Path) -> "Iterator[Ledger]":
    """Open a ledger that exists.

    Raises
    ------
    ConvwrightError
        When there is none.
    """
    from ..studies import Ledger

    address = ledger or str(folder / "ledger.db")
    if "://" not in address and not Path(address).exists():
        raise ConvwrightError(f"there is no ledger {address}", hint="name its --run or --ledger, or run a study")
    with Ledger(address) as opened:
        yield opened


def finished_result(plan: "Plan", ledger: "Ledger") -> "StudyResult":
    """Return the result of a plan from what a ledger holds.

    Raises
    ------
    ConvwrightError
        When no run of it is done.
    """
    from ..studies import known_result

    study, budget = plan.study.name, plan.budget
    found = known_result(plan, ledger)
    others = sum(
        (each.study, each.budget, each.state) == (study, budget, "done") and each.fingerprint not in plan.fingerprints
        for each in ledger.entries()
    )
    elsewise = (
        f"{others} finished runs have other settings; to report those, give what `run` was given" if others else ""
    )
    if not any(arm.runs for arm in found.arms):
        problem = f"ledger {ledger.name} has no finished run of {study} at {budget} as asked"
        raise ConvwrightError(problem, hint=elsewise or f"convwright study run {study} --budget {budget}")
    if elsewise:
        typer.echo(f"note: {elsewise}", err=True)
    return found


def print_study_report(plan: "Plan", found: "StudyResult", folder: Path) -> Path:
    """Write the report into `folder`, print the answer and its table, and return the path of the page."""
    from ..reports.study.page import write_study_report
    from ..reports.study.plan_report import diagrams
    from ..reports.study.tables import study_notes
    from ._study_tables import table_of_answer

    console = Console(highlight=False)
    with Console(stderr=True).status("drawing the report ..."):
        path = write_study_report(folder, found, diagrams(plan))
    console.print(f"\n[bold]{plan.study.question}[/bold]\n{found.summary.answer}\n")
    console.print(table_of_answer(found.summary, console.width))
    for note in study_notes(found):
        console.print(f"- {note}", markup=False)
    return path
