"""Report of a study: one HTML page that opens alone, Markdown, JSON, pictures."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from markupsafe import Markup

from ... import units
from ...errors import ConvwrightError
from ...files import read_text, write_files
from ...studies import StudyResult
from ..figures import as_png
from ..sheet import Sheet
from ..to_html import embedded, flat, render
from ..to_json import as_json
from ..to_markdown import markdown_table
from .plots import cost_figure, curves_band_png, differences_figure
from .tables import (
    arm_sheet,
    claim_sheet,
    command_of,
    front_note,
    method_notes,
    plotted_costs,
    power_sheet,
    run_sheet,
    study_notes,
    value_sheet,
)

SCHEMA = 1
_UNTOLD = ("class_names", "mean", "std")  # of the data: in the JSON


def picture_makers(result: StudyResult) -> dict[str, Callable[[], bytes]]:
    """Return the functions that draw the PNG files that this study has something to show in, by name."""
    summary = result.summary
    makers: dict[str, Callable[[], bytes]] = {}
    if any(arm.difference for arm in summary.arms):
        makers["differences.png"] = lambda: as_png(differences_figure(summary))
    if plotted_costs(summary):
        makers["cost.png"] = lambda: as_png(cost_figure(summary))
    if any(run.epochs for run in result.runs):
        makers["curves.png"] = partial(curves_band_png, result)
    return makers


def write_study_report(folder: Path, result: StudyResult, diagrams: Mapping[str, Markup] | None = None) -> Path:
    """Write report.html, report.md, report.json and the pictures; return the path of the page.

    Raises
    ------
    ConvwrightError
        If they cannot be written.
    """
    pictures = {name: draw() for name, draw in picture_makers(result).items()}
    texts = {
        "report.json": study_json(result),
        "report.md": study_markdown(result),
        "report.html": study_page(result, pictures, diagrams),
    }
    write_files({folder / name: content for name, content in (pictures | texts).items()})
    return folder / "report.html"


def read_result(path: Path) -> StudyResult:
    """Read the result of a study from the report.json that is `path`, or is in it.

    Raises
    ------
    ConvwrightError
        For a file that cannot be read, or is none of a study's.
    """
    file = path / "report.json" if path.is_dir() else path
    try:
        read = json.loads(read_text(file))
    except (OSError, ValueError) as error:
        raise ConvwrightError(f"{file} cannot be read: {error}", hint="name a study's report.json") from error
    if not isinstance(read, dict) or "result" not in read or read.get("schema") != SCHEMA:
        raise ConvwrightError(f"{file}", expected=f"a study's report.json of schema {SCHEMA}", got="something else")
    try:
        result = StudyResult.from_dict(read["result"])
        result.summary  # noqa: B018 - computed, so that a result that it cannot be computed of is refused here
    except (KeyError, TypeError, AttributeError) as error:
        problem = f"{file} is not what this version of convwright writes ({type(error).__name__}: {error})"
        raise ConvwrightError(problem, hint="write it again with `convwright study report`") from error
    return result


def study_json(result: StudyResult) -> str:
    """Return the result and its summary as JSON."""
    return as_json({"schema": SCHEMA, "result": result.to_dict(), "summary": result.summary.to_dict()})


def study_markdown(result: StudyResult) -> str:
    """Return the report as Markdown, without pictures."""
    summary = result.summary
    parts = [f"# {result.question}", f"**{summary.answer}**", _expected(result), _setting(result)]
    parts += ["\n".join(f"- {note}" for note in study_notes(result))]
    for number, (title, sheet) in enumerate(_sheets(result).items()):
        parts += [f"## {title}", markdown_table(sheet.titles, sheet.lines, right=sheet.right)]
        parts += [front_note(summary)] * (number == 0)
    parts += ["## How the numbers were made", "\n".join(f"- {note}" for note in method_notes(summary))]
    parts += ["## Again", f"```console\n$ {command_of(result)}\n```"]
    made = [", ".join(f"{name} {value}" for name, value in flat(each)) for each in result.environments]
    parts += ["## Made with", "\n".join(f"- {each}" for each in made)] if made else []
    return "\n\n".join(part for part in parts if part) + "\n"


def study_page(result: StudyResult, pictures: Mapping[str, bytes], diagrams: Mapping[str, Markup] | None = None) -> str:
    """Return the whole report as one page.

    Parameters
    ----------
    pictures : mapping of str to bytes
        PNG files that `picture_makers` draw.
    diagrams : mapping of str to Markup, optional
        Pictures of the arms' networks, as `network_picture` draws them.
    """
    several = len(result.environments) > 1
    machines = {f"Machine {n}" if several else "Machine": flat(each) for n, each in enumerate(result.environments, 1)}
    return render(
        "study.html.j2",
        title=result.study,
        question=result.question,
        answer=result.summary.answer,
        expected=_expected(result),
        setting=_setting(result),
        notes=study_notes(result),
        sheets=_sheets(result),
        pictures={name: embedded(png) for name, png in pictures.items()},
        front=front_note(result.summary),
        diagrams=diagrams or {},
        methods=method_notes(result.summary),
        command=command_of(result),
        details={
            "Recipe": flat(result.recipe),
            "Data": flat({key: value for key, value in result.data.items() if key not in _UNTOLD}),
            **machines,
        },
    )


def _sheets(result: StudyResult) -> dict[str, Sheet]:
    """Return the tables that have something to say, by title."""
    summary = result.summary
    found = {
        "Arms": arm_sheet(summary),
        "What is said, and what was measured": claim_sheet(summary),
        "Also measured": value_sheet(summary),
        f"Every run: {summary.metric.title}{', %' if summary.metric.is_share else ''}": run_sheet(result),
        "How many seeds would settle it": power_sheet(summary),
    }
    return {title: sheet for title, sheet in found.items() if sheet.lines and len(sheet.titles) > 1}


def _expected(result: StudyResult) -> str:
    return f"Expected: {result.expectation} Source: {result.source.removesuffix('.')}."


def _setting(result: StudyResult) -> str:
    return (
        f"Budget {result.budget} on {result.data['name']} ({result.num_images['train']:,} training, "
        f"{result.num_images['test']:,} test images): {len(result.runs)} runs of {len(result.arms)} arms, "
        f"{units.seconds(sum(run.seconds for run in result.runs))} of training."
    )
