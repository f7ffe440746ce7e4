"""The pictures and the page of a finished run, from its record."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ... import units
from ...files import write_files
from ..to_html import embedded, flat, render
from .plots import confusion_png, curves_png


def run_page(record: Mapping[str, Any], curves: bytes, confusion: bytes, *, model: str) -> str:
    """One HTML page that opens alone: result, curves, confusion, recipe, machine; `model` is what the net is called."""
    test, data = record["test"], record["data"]
    low, high = test["accuracy_interval_95"]
    return render(
        "run.html.j2",
        title=f"{model} on {data['name']}",
        accuracy=f"{test['accuracy']:.2%}",
        interval=f"{low:.2%} to {high:.2%}",
        num_images=f"{test['num_images']:,}",
        notes=[note for note in (data["note"], *record["notes"]) if note],
        facts={
            "parameters": f"{record['model']['num_parameters']:,}",
            "training images": f"{data['num_images']['train']:,}",
            "epochs": str(len(record["epochs"])),
            "time": units.seconds(sum(row["seconds"] for row in record["epochs"])),
            "cross-entropy": f"{test['loss']:.3f}",
            "calibration error": f"{test['calibration_error']:.2%}",
        },
        classes=[
            (name, "no images" if share is None else f"{share:.1%}")
            for name, share in zip(data["class_names"], test["class_accuracies"], strict=True)
        ],
        pictures={"Curves": embedded(curves), "Confusion": embedded(confusion)},
        tables={
            "Recipe": flat(record["recipe"]),
            "Numerics": flat(record["numerics"]),
            "Machine": flat(record["environment"]),
        },
    )


def write_pictures(folder: Path, record: Mapping[str, Any], *, model: str) -> Path:
    """Write curves.png, confusion.png and report.html into the folder of a run; the path of the page."""
    rows = [{key: value for key, value in row.items() if value is not None} for row in record["epochs"]]
    curves = curves_png(rows)
    confusion = confusion_png(np.asarray(record["test"]["confusion"], dtype=np.int64), record["data"]["class_names"])
    page = run_page(record, curves, confusion, model=model)
    pictures = {folder / "curves.png": curves, folder / "confusion.png": confusion}
    write_files({**pictures, folder / "report.html": page})
    return folder / "report.html"
