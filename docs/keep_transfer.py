"""Keep a result of `convwright transfer` in docs/transfer: `python docs/keep_transfer.py RUN`, then `make docs`.

With `--photographs` the pictures of single images are kept too: for data that may be passed on. `--note` adds what
the result does not know of itself. The date is today's.
"""

import argparse
import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pictures import digest_of, keep
from transfer_page import KEPT, PHOTOGRAPHS

_OF_PARTS = ("train", "validation", "test")
_UNTOLD = ("confusion", "class_accuracies")
_COLORS = 128  # of photographs


def trimmed(result: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values without where the data lay, epochs, and confusions of all but the network that is shipped."""
    chosen = (result["recommendation"] or {}).get("strategy")
    first = next((place for place, each in enumerate(result["outcomes"]) if each["strategy"] == chosen), -1)
    outcomes = [_outcome(each, place == first) for place, each in enumerate(result["outcomes"])]
    return {**result, "data": {**result["data"], "source": ""}, "outcomes": outcomes}


def as_text(result: Mapping[str, Any], date: str) -> str:
    """A kept result as JSON, a run a line."""
    text = json.dumps({"date": date, "result": result}, ensure_ascii=False)
    # A quote within a string is escaped: these stand where objects begin.
    return text.replace('{"strategy": ', '\n{"strategy": ') + "\n"


def _outcome(outcome: Mapping[str, Any], is_shipped: bool) -> dict[str, Any]:
    parts = {name: dict(outcome[name]) for name in _OF_PARTS}
    for name, part in parts.items():
        for field in _UNTOLD:
            if not (is_shipped and name == "test"):
                del part[field]
    return {**outcome, **parts, "epochs": []}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--photographs", action="store_true")
    parser.add_argument("--note", action="append", default=[])
    given = parser.parse_args()
    result = json.loads((given.run / "report.json").read_text(encoding="utf-8"))["result"]
    result["notes"] += given.note
    path = KEPT / f"{result['data']['name']}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(as_text(trimmed(result), datetime.date.today().isoformat()), encoding="utf-8")
    print(f"wrote {path}, {path.stat().st_size / 1000:.0f} kB")
    for kind in PHOTOGRAPHS if given.photographs else ():
        if (given.run / kind).exists():
            keep(KEPT / f"{path.stem}-{kind}", (given.run / kind).read_bytes(), digest_of(path), colors=_COLORS)


if __name__ == "__main__":
    main()
