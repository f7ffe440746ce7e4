"""`convwright study`: questions answered by training their alternatives under the same conditions."""

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from ._arguments import Device, Overrides, data_option, output_option, run_option, seeds_option, stoppable

if TYPE_CHECKING:
    from ..studies import StudyResult

app = typer.Typer(help="Fair experiments: list, show, run, report, compare.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A study; see `convwright study list`.")]
Folder = Annotated[Path, run_option()]
LedgerAddress = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="FILE|URL",
        help="Where jobs and results are kept: a file, or postgresql://user@host/database, which machines can share.",
    ),
]
BudgetName = Annotated[str, typer.Option("--budget", help="How much to spend: smoke, quick or full.")]
Data = Annotated[str | None, data_option("the budget's")]
Seeds = Annotated[int | None, seeds_option("the budget's")]
Arms = Annotated[
    list[str] | None, typer.Option("--arm", metavar="ARM", help="Only this one and the baseline; repeatable.")
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        help="Processes: they divide the cores, or share the GPUs. One when left out; with --ray, as many as fit.",
    ),
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="[HOST:PORT]",
        help="Work on a Ray cluster: the one at this address, or else this machine's, or else a new one here.",
    ),
]
Output = Annotated[Path | None, output_option("reports/NAME-BUDGET in the folder of --run")]
Result = Annotated[
    str, typer.Argument(metavar="RESULT", help="A report.json, its folder, or NAME:BUDGET of a study in the ledger.")
]

_FOLDER = Path("convwright-studies")


class _BareRay(TyperCommand):
    """Lets `--ray` stand without an address, which no option of typer can."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given = [*args, "--"]
        bare = [word == "--ray" and after.startswith("-") for word, after in itertools.pairwise(given)]
        return super().parse_args(ctx, ["--ray=auto" if each else word for word, each in zip(args, bare, strict=True)])


@app.command("list")
def list_studies() -> None:
    """List the studies that there are."""
    from ..studies import studies
    from ._study_tables import table_of_studies

    _print(table_of_studies(studies().values()))


@app.command("show")
def show(name: Name) -> None:
    """Show a study: question, expectation, arms with their costs, budgets.

    `convwright study show pooling`
    """
    from ..studies import make_plan, study_named
    from ._study_tables import table_of_arms, table_of_budgets

    study = study_named(name)
    plan = make_plan(study, budget="smoke")
    for line in (study.question, f"Expected: {study.expectation}", f"Source: {study.source}.", ""):
        typer.echo(line)
    _print(table_of_arms(plan))
    typer.echo()
    _print(table_of_budgets(study))
    typer.echo(f"\nrun it: convwright study run {name} --budget quick")


@app.command("run", cls=_BareRay)
def run(
    name: Name,
    budget: BudgetName = "quick",
    data: Data = None,
    seeds: Seeds = None,
    arms: Arms = None,
    overrides: Overrides = None,
    workers: Workers = None,
    ray: RayAddress = None,
    ledger: LedgerAddress = None,
    folder: Folder = _FOLDER,
    output: Output = None,
    device: Device = "auto",
) -> None:
    """Run a study and write its report; what is done already is not done again.

    What was cut off goes on from its last checkpoint.

    `convwright study run pooling --arm average --arm blur --workers 2`

    `convwright study run degradation --budget full --ledger postgresql://me@server/studies`: on as many machines as
    you like.

    `convwright study run degradation --ray HOST:6379 --ledger postgresql://me@server/studies`: on a Ray cluster. Its
    machines need this package and the data, and the folder in which the command is given has to be one they share.
    """
    from ..reports.study.plan_report import folder_of_report
    from ..studies import make_plan, run_plan, study_named
    from ._study_report import print_study_report
    from ._study_tables import heading, table_of_arms
    from ._study_watch import watching

    plan = make_plan(
        study_named(name), budget=budget, data=data, seeds=seeds, arms=arms, overrides=tuple(overrides or ())
    )
    typer.echo(heading(plan))
    _print(table_of_arms(plan))
    with watching(plan) as watch, stoppable("the same command goes on"):
        found = run_plan(plan, folder=folder, ledger=ledger, workers=workers, ray=ray, device=device, watch=watch)
    page = print_study_report(plan, found, output or folder_of_report(plan, folder))
    _print_missing_runs(found)
    typer.echo(f"wrote {page}")
    if found.failures or found.num_missing:
        raise typer.Exit(2)


def _print_missing_runs(found: "StudyResult") -> None:
    for failure in found.failures:
        last = failure.error.strip().splitlines()[-1]
        typer.echo(f"failed: arm {failure.arm}, seed {failure.seed}: {last}; see `convwright study status`", err=True)
    if found.num_missing:
        typer.echo(f"{found.num_missing} runs are not done; the same command goes on", err=True)


@app.command("status")
def status(ledger: LedgerAddress = None, folder: Folder = _FOLDER) -> None:
    """Say how far the studies of a ledger are, and what failed."""
    from ._study_report import open_ledger
    from ._study_tables import table_of_progress

    with open_ledger(ledger, folder) as opened:
        entries = opened.entries()
    _print(table_of_progress(entries))
    for entry in entries:
        if entry.error:
            typer.echo(f"failed: {entry.study}, arm {entry.arm}, seed {entry.seed}: {entry.error.strip()}")


@app.command("report")
def report(
    name: Name,
    budget: BudgetName = "quick",
    data: Data = None,
    seeds: Seeds = None,
    arms: Arms = None,
    overrides: Overrides = None,
    ledger: LedgerAddress = None,
    folder: Folder = _FOLDER,
    output: Output = None,
) -> None:
    """Write the report of what a ledger knows of a study, finished or not; nothing is trained.

    It takes what `run` was given: `convwright study report pooling --budget quick --seeds 6`
    """
    from ..reports.study.plan_report import folder_of_report
    from ..studies import make_plan, study_named
    from ._study_report import finished_result, open_ledger, print_study_report

    plan = make_plan(
        study_named(name), budget=budget, data=data, seeds=seeds, arms=arms, overrides=tuple(overrides or ())
    )
    with open_ledger(ledger, folder) as opened:
        found = finished_result(plan, opened)
    typer.echo(f"wrote {print_study_report(plan, found, output or folder_of_report(plan, folder))}")


@app.command("compare")
def compare(
    first: Result,
    second: Result,
    ledger: LedgerAddress = None,
    folder: Folder = _FOLDER,
) -> None:
    """Put two results of a study side by side: two budgets, two recipes, or a colleague's rerun.

    `convwright study compare pooling:quick pooling:full`

    `convwright study compare mine/report.json theirs/report.json`
    """
    from ._study_compare import print_two_results, result_of

    print_two_results(result_of(first, ledger, folder), result_of(second, ledger, folder))


def _print(table: object) -> None:
    from rich.console import Console

    Console(highlight=False).print(table)
