"""Keep results of studies in docs/results: `python docs/keep_result.py report.json ...`, then `make docs`.

A report.json is what `convwright study run` and `report` write. What is kept of it is what the page is made of: values,
costs and seconds of every run, its curves at 30 epochs or fewer, versions and machines. The date is today's.
"""

import datetime
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from convwright.reports.study.page import SCHEMA, read_result

RESULTS = Path(__file__).parent / "results"
MOST_EPOCHS = 30
_CURVES = ("train_loss", "validation_accuracy")
_OF_DATA = ("name", "num_images", "image_shape", "fingerprint", "note")
_DIGITS = 5


def trimmed(result: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a study without confusion matrices, predictions and most of the epochs."""
    arms = [{**arm, "runs": [_run(run) for run in arm["runs"]]} for arm in result["arms"]]
    data = {name: value for name, value in result["data"].items() if name in _OF_DATA}
    return {**result, "data": data, "arms": arms}


def as_text(result: Mapping[str, Any], date: str) -> str:
    """A kept result as JSON, a run a line."""
    text = json.dumps({"schema": SCHEMA, "date": date, "result": result}, ensure_ascii=False)
    # A quote within a string is escaped: these stand where objects begin.
    return text.replace('{"seed": ', '\n{"seed": ').replace('{"name": ', '\n{"name": ') + "\n"


def _run(run: Mapping[str, Any]) -> dict[str, Any]:
    epochs = _thinned(run["record"]["epochs"])
    rows = [{"epoch": row["epoch"], **{name: _rounded(row[name]) for name in _CURVES}} for row in epochs]
    return {**run, "seconds": round(run["seconds"], 2), "record": {"epochs": rows}}


def _thinned(epochs: Sequence[Any]) -> Sequence[Any]:
    """Every k-th one, the last among them."""
    step = -(-len(epochs) // MOST_EPOCHS)
    return epochs[(len(epochs) - 1) % step :: step] if epochs else epochs


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{_DIGITS}g}")


def main() -> None:
    RESULTS.mkdir(exist_ok=True)
    for name in sys.argv[1:]:
        result = read_result(Path(name)).to_dict()
        path = RESULTS / f"{result['study']}.json"
        path.write_text(as_text(trimmed(result), datetime.date.today().isoformat()), encoding="utf-8")
        print(f"wrote {path}, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
