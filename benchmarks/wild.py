"""Lint every Python file under folders as it lies, and count what was looked at: `python benchmarks/wild.py FOLDER...`.

`--keep benchmarks/results/wild-DATE.json` keeps the result. A file counts if it holds a subclass of `nn.Module` with a
`forward` of its own, and no package of its bases is missing. It is looked at if each of its networks was linted, in
part if one was. Files are excluded only for the reasons of `EXCLUSIONS`.
"""

import argparse
import ast
import json
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, getattr_static, getmembers, getsource, isfunction, signature
from os import cpu_count
from pathlib import Path
from textwrap import dedent
from types import FunctionType, ModuleType

import torch
from torch import nn
from torch.nn.modules.loss import _Loss

from convwright.child_process import SERVER, ChildCall, Limits, calls
from convwright.cli._lint_jobs import LintOrder, lint_models
from convwright.errors import ConvwrightError
from convwright.linter.config import Config
from convwright.linter.engine import all_rules
from convwright.networks.evidence.module_parameters import module_parameters
from convwright.networks.inputs.containers import annotated_container
from convwright.networks.reading.file_import import fresh_imports, load_file, users_place
from convwright.networks.reading.reader import file_reader

LOOKED_AT, IN_PART, REFUSED, EXCLUDED, NOT_COUNTED = "looked at", "in part", "refused", "excluded", "does not count"
_GPU = r"\b(CUDA|cuda|XPU|xpu|MPS|HPU|NCCL|nccl)\b|find engine for operation"
_PACKAGE = "to be installed|No module named|raised ImportError"
_LACKING = re.compile("needs (an argument|arguments)")
_DISTRIBUTED = r"process group|device_mesh|world_size|torch\.distributed"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A class that was not looked at, and its error."""

    kind: type[nn.Module]
    words: str


# The reasons for which a class cannot be looked at, each told by the class itself or by the words of its error.
EXCLUSIONS: dict[str, Callable[[Failure], object]] = {
    "is a loss": lambda failure: is_loss(failure.kind),
    "is an abstract base": lambda failure: is_abstract(failure.kind),
    "takes something else than tensors": lambda failure: takes_no_tensors(failure.kind),
    "takes modules of its caller": lambda failure: _LACKING.search(failure.words) and takes_modules(failure.kind),
    "computes nothing in eval mode": lambda failure: "computes nothing from an input" in failure.words,
    "needs the numbers in a tensor": lambda failure: "depends on data" in failure.words,
    "computes with quantized tensors": lambda failure: re.search(r"quantized::|classes\.quantized", failure.words),
    "needs a package that is missing": lambda failure: re.search(_PACKAGE, failure.words),
    "needs a GPU or an engine that this machine lacks": lambda failure: re.search(_GPU, failure.words),
    "is part of a distributed program": lambda failure: re.search(_DISTRIBUTED, failure.words),
}


def is_loss(kind: type[nn.Module]) -> bool:
    """Return True for a loss, or what is one by its forward, which needs a target."""
    needed = [each.name.strip("_") for each in parameters_of(forward_of(kind)) if each.default is each.empty]
    return issubclass(kind, _Loss) or not {"target", "targets"}.isdisjoint(needed)


def is_abstract(kind: type[nn.Module]) -> bool:
    """Return True for a class that leaves a method to its subclasses, or whose forward does nothing but raise."""
    if kind is nn.Module or is_left_open(forward_of(kind), "Error"):
        return True
    methods = [value for name, value in getmembers(kind, isfunction) if value is not getattr(nn.Module, name, None)]
    return bool(getattr(kind, "__abstractmethods__", ())) or any(map(is_left_open, methods))


def is_left_open(method: Callable[..., object] | None, error: str = "NotImplementedError") -> bool:
    """Return True for a method that does nothing but raise."""
    try:
        body = ast.parse(dedent(source_of(method))).body[0].body  # type: ignore[attr-defined]
    except (SyntaxError, IndexError, AttributeError):
        return False
    return isinstance(body[-1], ast.Raise) and error in ast.unparse(body[-1]) and len(body) < 3


def takes_modules(kind: type[nn.Module]) -> bool:
    """Return True for a class whose constructor needs a module: by its annotation, or since `forward` calls it."""
    parameters = parameters_of(kind)
    needed = [each for each in parameters if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD]
    of_modules = module_parameters(kind, [each.name for each in needed])
    return any(each.name in of_modules or re.search(r"\bModule\b", str(each.annotation)) for each in needed)


def takes_no_tensors(kind: type[nn.Module]) -> bool:
    """Return True if `forward` is annotated to need an object, or a list of objects, in place of tensors."""
    parameters = parameters_of(forward_of(kind))[1:]
    needed = [each for each in parameters if each.default is each.empty and each.annotation is not each.empty]
    plain = re.compile(r"(<class ')?([\w.]*\.)?(Tensor|int|float|bool|str|Any)('>)?|.*(Optional|Union|\|).*")
    return any(
        not plain.fullmatch(str(each.annotation)) and not annotated_container(each.annotation) for each in needed
    )


def forward_of(kind: type[nn.Module]) -> Callable[..., object] | None:
    """Return the `forward` of a class; None for one of TorchScript, which makes it when it is asked for."""
    forward = getattr_static(kind, "forward", None)
    return forward if callable(forward) else None


def parameters_of(function: Callable[..., object] | None) -> list[Parameter]:
    try:
        return list(signature(function).parameters.values())
    except (AttributeError, TypeError, ValueError):
        return []


def source_of(value: object) -> str:
    try:
        return getsource(value)  # type: ignore[arg-type]
    except (AttributeError, OSError, TypeError):
        return ""


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
            lacks = isinstance(error.__cause__, ModuleNotFoundError) and not find_spec(error.__cause__.name or "torch")
            why = "needs a package that is missing: " if lacks else ""
            return Outcome(file=file, state=EXCLUDED if lacks else REFUSED, reason=f"{why}{error}")
    missing = [each.reason for each in reader.left_out if each.reason.endswith("which is missing")]
    classes = [kind for kind in own if issubclass(kind, nn.Module) and callable(vars(kind).get("forward"))]
    if not classes:
        reason = missing[0] if missing and own else "has no network class"
        return Outcome(file=file, state=NOT_COUNTED, reason=reason)
    run = lint_models([file], LintOrder(config=Config()))
    of_failures = {rule.code for rule in all_rules().values() if rule.reads_failures}  # findings in place of a trace
    linted = [report for report in run.reports if of_failures.isdisjoint(each.code for each in report.findings)]
    reasons = [str(error) for error in run.failures] + [
        f"{report.label}: {finding.message}"
        for report in run.reports
        for finding in report.findings
        if finding.code in of_failures
    ]
    if linted:
        state = IN_PART if reasons else LOOKED_AT
        findings = sum(len(report.findings) for report in linted)
        idle = ["computes nothing"] if all("it computes nothing" in report.assumptions for report in linted) else []
        return Outcome(
            file=file, state=state, networks=len(linted), findings=findings, reason="; ".join(reasons or idle)
        )
    words = "; ".join(reasons)
    found = exclusion(module, classes, reasons)
    return Outcome(file=file, state=EXCLUDED if found else REFUSED, reason=f"{found}: {words}" if found else words)


def exclusion(module: ModuleType, classes: list[type[nn.Module]], errors: list[str]) -> str:
    """Return the reason that keeps all classes which the errors name from being looked at; "" if one has none."""
    kinds = {name: kind_of(value) for name, value in vars(module).items()}
    failures = [
        Failure(kind=kind, words=error)
        for error in errors
        for name, kind in kinds.items()
        if kind and re.search(rf"(:|built: ){re.escape(name)}\b", error)
    ]
    failures = failures or [Failure(kind=kind, words="; ".join(errors)) for kind in classes]
    reasons = [next((why for why, holds in EXCLUSIONS.items() if holds(failure)), "") for failure in failures]
    return "" if "" in reasons else Counter(reasons).most_common(1)[0][0]


def kind_of(value: object) -> type[nn.Module] | None:
    """Return a module class, or that which a function says it returns."""
    said = getattr(value, "__annotations__", {}).get("return") if isinstance(value, FunctionType) else value
    return said if isinstance(said, type) and issubclass(said, nn.Module) else None


def candidates_below(folders: list[Path]) -> Iterator[Path]:
    """Yield the files whose text may define a network."""
    for folder in folders:
        for file in [folder] if folder.is_file() else sorted(folder.rglob("*.py")):
            text = file.read_text(encoding="utf-8", errors="replace")
            if re.search(r"^\s+def forward\(", text, re.MULTILINE) and re.search(r"^\s*class .*\(", text, re.MULTILINE):
                yield file


def table_of(outcomes: list[Outcome]) -> dict[str, dict[str, int]]:
    """Return the number of files in each state, by package."""
    packages = {each.file: each.file.rpartition("site-packages/")[2].partition("/")[0] or "here" for each in outcomes}
    return {
        package: dict(Counter(each.state for each in outcomes if packages[each.file] == package))
        for package in sorted(set(packages.values()))
    }


def excluded_by_reason(outcomes: list[Outcome]) -> Counter[str]:
    """Return how many files each reason excludes."""
    return Counter(each.reason.partition(":")[0] for each in outcomes if each.state == EXCLUDED)


def idle_files(outcomes: list[Outcome]) -> int:
    """Return how many of the files that were looked at hold nothing but modules that compute nothing."""
    return sum(each.state == LOOKED_AT and bool(each.reason) for each in outcomes)


def kept(outcome: Outcome) -> str:
    """Return what is kept of a file: its state, and why it is not all looked at."""
    reason = re.sub(r"[^\s'\"]*/(site-packages|src)/", "", outcome.reason)  # nothing of where it was made
    return f"{outcome.state}: {reason[:200]}" if reason else outcome.state


def print_table(outcomes: list[Outcome]) -> None:
    """Print the outcomes by package, then the reasons for exclusion."""
    columns = (LOOKED_AT, IN_PART, REFUSED, EXCLUDED)
    print(f"\n{'package':<16}{'counted':>9}" + "".join(f"{each:>12}" for each in columns) + "   looked at of the rest")
    for package, found in table_of(outcomes).items():
        states = Counter(found)
        counted = states.total() - states[NOT_COUNTED]
        share = (states[LOOKED_AT] + states[IN_PART]) / max(counted - states[EXCLUDED], 1)
        print(f"{package:<16}{counted:>9}" + "".join(f"{states[each]:>12}" for each in columns) + f"   {share:.1%}")
    excluded = excluded_by_reason(outcomes)
    counted = sum(each.state != NOT_COUNTED for each in outcomes)
    print(f"\nexcluded {excluded.total() / max(counted, 1):.1%}")
    for reason, number in excluded.most_common():
        print(f"{number:>5} {reason}")
    print(f"of those looked at, {idle_files(outcomes)} compute nothing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="folders or files")
    parser.add_argument("--keep", type=Path, help="JSON file of the result")
    parser.add_argument("--seconds", type=float, default=10.0, help="limit of each step")
    given = parser.parse_args()
    if missing := [str(each) for each in given.folders if not each.exists()]:
        parser.error(f"no folder or file {', '.join(missing)}; packages lie in {Path(torch.__file__).parents[1]}")
    SERVER.fork_from_here()
    all_rules()  # what every child needs is imported once
    import_module("convwright.linter.fix_source")
    for name in {folder.resolve().name for folder in given.folders if folder.is_dir()}:
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
    print_table(outcomes)
    print(f"{time.monotonic() - start:.0f} s")
    if given.keep:
        result = {
            "date": date.today().isoformat(),
            "command": "python benchmarks/wild.py "
            + " ".join(str(folder.resolve()).rpartition("site-packages/")[2] for folder in given.folders)
            + f" --seconds {given.seconds:g}" * (given.seconds != parser.get_default("seconds")),
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
            "seconds": round(time.monotonic() - start),
            "packages": table_of(outcomes),
            "excluded": dict(excluded_by_reason(outcomes)),
            "computing nothing": idle_files(outcomes),
            "files": {
                each.file.rpartition("site-packages/")[2]: kept(each)
                for each in sorted(outcomes, key=lambda each: each.file)
            },
        }
        given.keep.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
