"""Lint every Python file under folders as it lies, and count what was looked at: `python benchmarks/wild.py FOLDER...`.

`--keep benchmarks/results/wild-DATE.json` keeps the result. A file counts if it holds a subclass of `nn.Module` with a
`forward` of its own, and no package of its bases is missing. It is looked at if each of its networks was linted, in
part if one was. Files are excluded only for the reasons of `EXCLUSIONS`.
"""

import argparse
import json
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from os import cpu_count
from pathlib import Path

import torch
from torch import nn

from convwright.child_process import SERVER, ChildCall, Limits, calls
from convwright.cli._lint_jobs import LintOrder, lint_models
from convwright.errors import ConvwrightError
from convwright.linter.config import Config
from convwright.linter.engine import all_rules
from convwright.networks.reading.file_import import fresh_imports, load_file, users_place
from convwright.networks.reading.reader import file_reader

LOOKED_AT, IN_PART, REFUSED, EXCLUDED, NOT_COUNTED = "looked at", "in part", "refused", "excluded", "does not count"
# Reasons for which nothing about a file can be said, by what its classes need or its error says.
EXCLUSIONS = {
    "needs a package that is missing": r"to be installed",
    "needs a GPU or another device": r"\b(CUDA|cuda|XPU|xpu|MPS|HPU|NCCL|nccl)\b",
    "is part of a distributed program": r"process group|torch\.distributed|device_mesh|world_size",
    "takes other modules": r"takes other modules",
}
_MODULE = re.compile(r"(^|_)(module|model|layer|net|network|backbone|encoder|decoder|block|submodule)s?$")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Outcome of one file: its state, how many networks were linted and findings made, and why not more."""

    file: str
    state: str
    networks: int = 0
    findings: int = 0
    reason: str = ""


def look(file: str) -> Outcome:
    """Lint one file, in a process of its own."""
    with fresh_imports(), file_reader(file) as reader:
        try:
            module = load_file(file, reader)
            values = [value for value in vars(module).values() if isinstance(value, type)]
            own = [value for value in values if value.__module__ == module.__name__]
        except ConvwrightError as error:
            return Outcome(file=file, state=REFUSED, reason=str(error))
    missing = [each.reason for each in reader.left_out if each.reason.endswith("which is missing")]
    classes = [kind for kind in own if issubclass(kind, nn.Module) and "forward" in vars(kind)]
    if not classes:
        reason = missing[0] if missing and own else "has no network class"
        return Outcome(file=file, state=NOT_COUNTED, reason=reason)
    run = lint_models([file], LintOrder(config=Config()))
    linted = [report for report in run.reports if not any(f.code == "CW101" for f in report.findings)]
    reasons = [str(error) for error in run.failures] + [
        finding.message for report in run.reports for finding in report.findings if finding.code == "CW101"
    ]
    if linted:
        state = IN_PART if reasons else LOOKED_AT
        findings = sum(len(report.findings) for report in linted)
        return Outcome(file=file, state=state, networks=len(linted), findings=findings, reason="; ".join(reasons))
    words = "; ".join(reasons)
    found = next((reason for reason, pattern in EXCLUSIONS.items() if re.search(pattern, words)), None)
    return Outcome(file=file, state=EXCLUDED if found else REFUSED, reason=f"{found}: {words}" if found else words)


def candidates_below(folders: list[Path]) -> Iterator[Path]:
    """Yield the files whose text may define a network."""
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            text = file.read_text(encoding="utf-8", errors="replace")
            if re.search(r"^\s+def forward\(", text, re.MULTILINE) and re.search(r"^\s*class .*\(", text, re.MULTILINE):
                yield file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--keep", type=Path, help="JSON file of the result")
    parser.add_argument("--seconds", type=float, default=10.0, help="limit of each step")
    given = parser.parse_args()
    SERVER.fork_from_here()
    all_rules()  # what every child needs is imported once
    import_module("convwright.linter.fix_source")
    for name in {folder.resolve().name for folder in given.folders}:
        if find_spec(name):
            import_module(name)
    start = time.monotonic()
    tasks = [
        ChildCall(label=str(file), function=look, arguments=(str(file),)) for file in candidates_below(given.folders)
    ]
    outcomes: list[Outcome] = []
    limits = Limits(seconds=given.seconds)
    for task, answer in calls(tasks, limits=limits, users_place=users_place, num_processes=cpu_count() or 1):
        failed = isinstance(answer, ConvwrightError)
        outcome = Outcome(file=task.label, state=REFUSED, reason=str(answer)) if failed else answer
        outcomes.append(outcome)
        print(f"{outcome.state}: {outcome.file}: {outcome.reason}", flush=True)
    states = Counter(each.state for each in outcomes)
    counted = len(outcomes) - states[NOT_COUNTED]
    rest = counted - states[EXCLUDED]
    excluded = Counter(each.reason.partition(":")[0] for each in outcomes if each.state == EXCLUDED)
    print(f"\n{dict(states)}, {time.monotonic() - start:.0f} s")
    print(f"counted {counted}, excluded {states[EXCLUDED] / max(counted, 1):.1%} {dict(excluded)}")
    print(f"of the rest {(states[LOOKED_AT] + states[IN_PART]) / max(rest, 1):.1%} looked at")
    if given.keep:
        result = {
            "date": date.today().isoformat(),
            "command": "python benchmarks/wild.py " + " ".join(folder.name for folder in given.folders),
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
            "seconds": round(time.monotonic() - start),
            "files": [asdict(each) for each in sorted(outcomes, key=lambda each: each.file)],
        }
        given.keep.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
