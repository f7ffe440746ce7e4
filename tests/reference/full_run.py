"""The last run of every test over every network (`make test-all`), kept with a fingerprint of the code it ran on."""

import hashlib
import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "benchmarks/results/test-all.json"
FAILURES = ("failed", "error")


def fingerprint(root: Path = ROOT) -> str:
    """SHA-256 of the names and bytes of all files in src and tests."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in ("src", "tests") for path in (root / folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def result(stats: Mapping[str, list[Any]], seconds: float) -> dict[str, Any]:
    """The counts of a run, with what it ran on."""
    counted = ("passed", "skipped", "xfailed", *FAILURES)
    return {
        "date": date.today().isoformat(),
        "command": "make test-all",
        "counts": {outcome: len(stats.get(outcome, ())) for outcome in counted},
        "seconds": round(seconds),
        "python": sys.version.split()[0],
        "torch": torch.__version__,
        "fingerprint": fingerprint(),
    }


def described(kept: Mapping[str, Any], now: str) -> str:
    """One line: when everything ran last, and whether the code is still the same."""
    code = "this code" if kept["fingerprint"] == now else "older code"
    counts = kept["counts"]
    return (
        f"make test-all: {counts['passed']:,} passed, {counts['skipped']:,} skipped "
        f"in {kept['seconds']:,} s on {kept['date']}, on {code}"
    )


def keep(stats: Mapping[str, list[Any]], seconds: float, path: Path = KEPT) -> None:
    """Write the result of a run that ended just now."""
    path.write_text(json.dumps(result(stats, seconds), indent=2) + "\n", encoding="utf-8")
