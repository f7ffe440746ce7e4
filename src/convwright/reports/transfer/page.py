"""Report of a comparison of transfer strategies: one HTML page that opens alone, Markdown, JSON, pictures."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from ...files import write_files
from ...transfer_learning import TransferResult
from ...transfer_learning.summary import TransferSummary
from ..run.plots import confusion_png
from ..sheet import Sheet
from ..to_html import embedded, flat, render
from ..to_json import as_json
from ..to_markdown import markdown_table
from .pictures import pictures_of_images
from .plots import learning_curve_png
from .tables import (
    answer,
    choice_sheet,
    command_of,
    curve_sheet,
    difference_sheet,
    method_notes,
    run_sheet,
    setting,
    strategy_sheet,
    trained_layer_groups,
)

SCHEMA = 1
_UNTOLD = ("class_names", "mean", "std", "preprocessing")  # of the data: in the JSON


def write_transfer_report(folder: Path, found: TransferResult) -> Path:
    """Write report.html, report.md, report.json and the pictures; return the path of the page.

    Raises
    ------
    ConvwrightError
        If they cannot be written.
    """
    plain = found.to_dict()
    result = TransferSummary.from_dict(plain)
    pictures = {name: draw() for name, draw in picture_makers(result).items()} | pictures_of_images(found)
    texts = {
        "report.json": as_json({"schema": SCHEMA, "result": plain}),
        "report.md": transfer_markdown(result),
        "report.html": transfer_page(result, pictures),
    }
    write_files({folder / name: content for name, content in (pictures | texts).items()})
    return folder / "report.html"


def picture_makers(result: TransferSummary) -> dict[str, Callable[[], bytes]]:
    """Return the functions that draw the PNG files for which no network is needed, by name."""
    makers: dict[str, Callable[[], bytes]] = {}
    if len({row.share for row in result.rows}) > 1:
        makers["learning_curve.png"] = partial(learning_curve_png, result)
    if result.shipped:
        confusion = np.asarray(result.shipped.test_confusion, dtype=np.int64)
        makers["confusion.png"] = partial(confusion_png, confusion, result.data["class_names"])
    return makers


def transfer_page(result: TransferSummary, pictures: Mapping[str, bytes]) -> str:
    """Return the whole report as one page, with PNG files by name."""
    return render(
        "transfer.html.j2",
        title=f"{result.name.text} on {result.data['name']}",
        answer=answer(result),
        setting=setting(result),
        notes=result.notes,
        sheets=_sheets(result),
        pictures={name: embedded(png) for name, png in pictures.items()},
        recommended=result.recommendation.strategy if result.recommendation else "",
        methods=method_notes(result.tuning),
        command=command_of(result),
        details={
            "Recipe": flat(result.tuning.recipe.to_dict()),
            "Data": flat({key: value for key, value in result.data.items() if key not in _UNTOLD}),
            "Images as the weights want them": flat(result.data["preprocessing"] or {}),
            "Machine": flat(result.environment),
        },
    )


def transfer_markdown(result: TransferSummary) -> str:
    """Return the report as Markdown, without pictures."""
    parts = [f"# {result.name.text} on {result.data['name']}", f"**{answer(result)}**", setting(result)]
    parts += ["\n".join(f"- {note}" for note in result.notes)]
    for title, sheet in _sheets(result).items():
        parts += [f"## {title}", markdown_table(sheet.titles, sheet.lines, right=sheet.right)]
    parts += ["## How the numbers were made", "\n".join(f"- {note}" for note in method_notes(result.tuning))]
    parts += ["## Again", f"```console\n$ {command_of(result)}\n```"]
    parts += ["## Made with", ", ".join(f"{name} {value}" for name, value in flat(result.environment))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _sheets(result: TransferSummary) -> dict[str, Sheet]:
    """Return the tables that have something to say, by title."""
    found = {
        "Strategies": strategy_sheet(result),
        "Learning curve: test accuracy, %": curve_sheet(result),
        "The recommended strategy against the others": difference_sheet(result),
        "Every run: test accuracy, %": run_sheet(result),
        "What learned, and how fast": trained_layer_groups(result),
        "What was chosen": choice_sheet(result),
    }
    return {title: sheet for title, sheet in found.items() if sheet.lines}
