"""The report of a study, from its plain values: one HTML page that opens alone, Markdown, JSON, pictures."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ... import units
from ...errors import ConvwrightError
from ...files import read_text, write_files
from ...studies.metric import Metric
from ...studies.summary import StudySummary, summarize
from ..sheet import Sheet
from ..to_html import embedded, flat, render
from ..to_json import as_json
from ..to_markdown import markdown_table
from .plots import cost_png, curves_band_png, differences_png
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


@dataclass(frozen=True, kw_only=True)
class _Report:
    """A result with its summary, as JSON has them."""

    result: Mapping[str, Any]
    summary: StudySummary

    def to_dict(self) -> dict[str, Any]:
        """Both, as plain values."""
        return {"schema": SCHEMA, "result": dict(self.result), "summary": self.summary.to_dict()}


def study_page(result: Mapping[str, Any], diagrams: Mapping[str, Markup] | None = None) -> str:
    """The whole report as one page.

    Parameters
    ----------
    result : mapping
        What `StudyResult.to_dict` gives.
    diagrams : mapping of str to Markup, optional
        Pictures of the arms' networks, as `network_picture` draws them.
    """
    summary = summarize(result)
    return _page(result, summary, study_pictures(result, summary), diagrams or {})


def study_markdown(result: Mapping[str, Any]) -> str:
    """The report as Markdown, without pictures."""
    return _markdown(result, summarize(result))


def study_json(result: Mapping[str, Any]) -> str:
    """The plain values and their summary as JSON."""
    return as_json(_Report(result=result, summary=summarize(result)))


def study_pictures(result: Mapping[str, Any], summary: StudySummary) -> dict[str, bytes]:
    """The PNG files that this study has something to show in, by name."""
    return {name: make() for name, make in picture_makers(result, summary).items()}


def picture_makers(result: Mapping[str, Any], summary: StudySummary) -> dict[str, Callable[[], bytes]]:
    """What draws each of them."""
    makers: dict[str, Callable[[], bytes]] = {}
    if any(arm.difference for arm in summary.arms):
        makers["differences.png"] = partial(differences_png, summary)
    if plotted_costs(summary):
        makers["cost.png"] = partial(cost_png, summary)
    if any(run["record"]["epochs"] for arm in result["arms"] for run in arm["runs"]):
        makers["curves.png"] = partial(curves_band_png, result, summary)
    return makers


def write_study_report(folder: Path, result: Mapping[str, Any], diagrams: Mapping[str, Markup] | None = None) -> Path:
    """Write report.html, report.md, report.json and the pictures; the path of the page.

    Raises
    ------
    ConvwrightError
        If they cannot be written.
    """
    summary = summarize(result)
    pictures = study_pictures(result, summary)
    texts = {
        "report.json": as_json(_Report(result=result, summary=summary)),
        "report.md": _markdown(result, summary),
        "report.html": _page(result, summary, pictures, diagrams or {}),
    }
    write_files({folder / name: content for name, content in (pictures | texts).items()})
    return folder / "report.html"


def read_result(path: Path) -> dict[str, Any]:
    """The plain values of a study, from the report.json that is `path`, or is in it.

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
    result: dict[str, Any] = read["result"]
    try:
        summarize(result)
    except (KeyError, TypeError, AttributeError) as error:
        problem = f"{file} is not what this version of convwright writes ({type(error).__name__}: {error})"
        raise ConvwrightError(problem, hint="write it again with `convwright study report`") from error
    return result


def _markdown(result: Mapping[str, Any], summary: StudySummary) -> str:
    parts = [f"# {result['question']}", f"**{summary.answer}**", _expected(result), _setting(result)]
    parts += ["\n".join(f"- {note}" for note in study_notes(result, summary))]
    for number, (title, sheet) in enumerate(_sheets(result, summary).items()):
        parts += [f"## {title}", markdown_table(sheet.titles, sheet.lines, right=sheet.right)]
        parts += [front_note(summary)] * (number == 0)
    parts += ["## How the numbers were made", "\n".join(f"- {note}" for note in method_notes(summary))]
    parts += ["## Again", f"```console\n$ {command_of(result)}\n```"]
    made = [", ".join(f"{name} {value}" for name, value in flat(each)) for each in result["environments"]]
    parts += ["## Made with", "\n".join(f"- {each}" for each in made)] if made else []
    return "\n\n".join(part for part in parts if part) + "\n"


def _page(
    result: Mapping[str, Any], summary: StudySummary, pictures: Mapping[str, bytes], diagrams: Mapping[str, Markup]
) -> str:
    sheets = _sheets(result, summary)
    return render(
        "study.html.j2",
        title=result["study"],
        question=result["question"],
        answer=summary.answer,
        expected=_expected(result),
        setting=_setting(result),
        notes=study_notes(result, summary),
        sheets=sheets,
        pictures={name: embedded(png) for name, png in pictures.items()},
        front=front_note(summary),
        diagrams=diagrams,
        methods=method_notes(summary),
        command=command_of(result),
        details={
            "Recipe": flat(result["recipe"]),
            "Data": flat({key: value for key, value in result["data"].items() if key not in _UNTOLD}),
            **_machines(result),
        },
    )


def _sheets(result: Mapping[str, Any], summary: StudySummary) -> dict[str, Sheet]:
    """The tables that have something to say, by title."""
    found = {
        "Arms": arm_sheet(summary),
        "What is said, and what was measured": claim_sheet(summary),
        "Also measured": value_sheet(summary),
        _every_run(summary.metric): run_sheet(result, summary.metric),
        "How many seeds would settle it": power_sheet(summary),
    }
    return {title: sheet for title, sheet in found.items() if sheet.lines and len(sheet.titles) > 1}


def _every_run(metric: Metric) -> str:
    return f"Every run: {metric.title}{', %' if metric.is_share else ''}"


def _expected(result: Mapping[str, Any]) -> str:
    return f"Expected: {result['expectation']} Source: {result['source'].removesuffix('.')}."


def _setting(result: Mapping[str, Any]) -> str:
    images, runs = result["data"]["num_images"], [run for arm in result["arms"] for run in arm["runs"]]
    return (
        f"Budget {result['budget']} on {result['data']['name']} ({images['train']:,} training, {images['test']:,} test "
        f"images): {len(runs)} runs of {len(result['arms'])} arms, "
        f"{units.seconds(sum(run['seconds'] for run in runs))} of training."
    )


def _machines(result: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    found = result["environments"]
    return {"Machine" + (f" {number}" if len(found) > 1 else ""): flat(each) for number, each in enumerate(found, 1)}
