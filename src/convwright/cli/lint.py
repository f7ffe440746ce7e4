"""`convwright lint`: what is wrong with a network, and its fixes."""

import gc
import os
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ConvwrightError
from ..units import number_of
from ._arguments import Output, format_option, print_error, put
from ._lint_processes import lint_all, num_cores
from ._lint_run import LintOrder
from ._network_order import NetworkOrder, with_network_options

if TYPE_CHECKING:
    from ._lint_run import LintRun


class FindingsFormat(StrEnum):
    """Format of findings."""

    text = "text"
    json = "json"
    sarif = "sarif"
    github = "github"


Models = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MODEL]...",
        help="As for analyze; or a file, `net.py` or `net.ipynb`, for every network in it; or a folder. Else `models`"
        " of pyproject.toml.",
    ),
]
Codes = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CODE", help="Rules to run: codes, beginnings of codes (CW3), names or `default`; repeatable."
    ),
]
EditInstalled = Annotated[bool, typer.Option("--edit-installed", help="Let --fix edit files of installed packages.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(metavar="PATTERN", help="Files or folders to leave out of a folder, as 'old/*'; repeatable."),
]
Loss = Annotated[
    str | None,
    typer.Option(help="Loss of the training: cross-entropy (default), nll, bce, bce-with-logits, mse or none."),
]
UnsafeFixes = Annotated[
    bool,
    typer.Option("--unsafe-fixes", help="With --fix or --diff: also edits that require training again."),
]


@with_network_options
def lint(
    network: NetworkOrder,
    models: Models = None,
    select: Codes = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="CODE", help="Rules to leave out; repeatable.")] = None,
    loss: Loss = None,
    target: Annotated[str | None, typer.Option(help="Device it runs on: gpu (default), cpu or mobile.")] = None,
    object_px: Annotated[int | None, typer.Option(min=1, help="Size of the objects to recognize, in pixels.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Edit the source where the output stays the same.")] = False,
    unsafe_fixes: UnsafeFixes = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change; write nothing.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Never write, whatever else is asked.")] = False,
    edit_installed: EditInstalled = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count the findings of each rule instead.")] = False,
    exclude: Exclude = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Files looked at at a time; by default the cores.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what of the files was not run.")] = False,
    form: Annotated[FindingsFormat, format_option] = FindingsFormat.text,
    output: Output = None,
) -> None:
    """Say what a good reviewer would of a network's design, with evidence, a place in your source, and a fix.

    `convwright lint net.py`

    `convwright lint net.py:Net --input 3x32x32 --fix --diff`

    `convwright lint src resnet50 --select CW4 --format json`

    Errors and warnings make exit code 1, advice does not; 2 means that a network could not be linted. `convwright
    explain CODE` says more of a rule, and `# convwright: ignore[CODE]` at the end of a line waives it there.
    """
    from ..linter.config import find_config

    _check(is_idle=unsafe_fixes and not (fix or diff), counted_as=form if statistics else FindingsFormat.text)
    gc.freeze()  # what was imported stays: a search of it for garbage takes longer than the rules
    config = find_config(Path.cwd())
    flags = {"select": select, "ignore": ignore, "loss": loss, "target": target, "object-px": object_px}
    order = LintOrder(config=config, flags=flags, inputs=network.inputs, arguments=network.arguments)
    order = replace(order, run_all=network.run_all, values=network.values)
    order = replace(order, fixes=fix or diff, unsafe=unsafe_fixes, edit_installed=edit_installed)
    processes = jobs or num_cores()
    done = lint_all(models or config.models, order, network.limits, exclude=exclude or (), num_processes=processes)
    done = done if diff or check else done.written()
    put(done.diff, output) if diff else _print(done, form, statistics=statistics, output=output)
    _print_problems(done, models or (), verbose=verbose)
    raise typer.Exit(done.exit_code)


def _check(*, is_idle: bool, counted_as: FindingsFormat) -> None:
    """Refuse options that would do nothing."""
    if is_idle:
        raise ConvwrightError("--unsafe-fixes alone changes nothing", hint="add --fix, or --diff to see the edits")
    if counted_as is not FindingsFormat.text:
        raise ConvwrightError(f"--statistics with --format {counted_as}", expected="--format text")


def _print_problems(done: "LintRun", models: Sequence[str], *, verbose: bool) -> None:
    for entry in done.left_out if verbose else ():
        typer.echo(f"left out: {entry}", err=True)
    for note in done.not_built:
        typer.echo(f"not linted: {note}", err=True)
    for error in done.failures:
        print_error(error)
    if any(os.path.isdir(model) for model in models):
        files = len({report.label.rpartition(":")[0] for report in done.reports})
        linted = f"{number_of(files, 'file')} with {number_of(len(done.reports), 'network')} linted"
        failed = number_of(len(done.failures), "failure")
        typer.echo(f"{linted}, {len(done.passed_over)} passed over, {failed}", err=True)


def _print(done: "LintRun", form: FindingsFormat, *, statistics: bool, output: Path | None) -> None:
    from rich.console import Console

    from ..reports.findings.github import as_github
    from ..reports.findings.sarif import as_sarif
    from ..reports.findings.text import findings_json, findings_text, fixes_text, statistics_text
    from ..reports.to_text import as_string

    if form is FindingsFormat.text and done.failures and not done.reports:
        return  # while a program reads an empty list
    if form is FindingsFormat.text:
        shown = [statistics_text(done.reports) if statistics else findings_text(done.reports)]
        shown += [fixes_text(done.outcomes, is_written=done.is_written)] if done.outcomes else []
        if output is None:
            for each in shown:
                Console(highlight=False).print(each)
            return
        text = "".join(map(as_string, shown))
    else:
        writers = {"json": findings_json, "sarif": as_sarif, "github": as_github}
        text = writers[form](done.reports, done.failures)
    put(text, output)
