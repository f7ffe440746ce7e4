"""Keep what runs of `convwright train` reached: `python docs/keep_run.py RUN ...`, then `make docs`.

Of a finished run's folder, docs/results/runs gets the record, less its confusions. The date is today's.
"""

import datetime
import json
import sys
from pathlib import Path
from typing import Any

KEPT = Path(__file__).parent / "results/runs"
_LEFT_OUT = ("confusion", "class_accuracies")


def kept(run: Path) -> dict[str, Any]:
    """The record of a run, with the command that makes it."""
    spec, record = (json.loads((run / name).read_text(encoding="utf-8")) for name in ("run.json", "record.json"))
    words = ["convwright train", f"--model {spec['model']}", f"--data {record['data']['name']}"]
    words += [f"--recipe {record['recipe']['name']}", f"--seed {record['recipe']['seed']}"]
    test = {name: value for name, value in record["test"].items() if name not in _LEFT_OUT}
    return {
        "date": datetime.date.today().isoformat(), "command": " ".join(words), "model_name": spec["model"],
        **record, "test": test,
    }  # fmt: skip


def runs() -> list[dict[str, Any]]:
    """All that were kept."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(KEPT.glob("*.json"))]


def main() -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:]:
        found = kept(Path(name))
        path = KEPT / f"{found['model_name']}-{found['data']['name']}-{found['recipe']['name']}.json"
        path.write_text(json.dumps(found) + "\n", encoding="utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
