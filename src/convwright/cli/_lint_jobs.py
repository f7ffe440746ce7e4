"""What `convwright lint` is asked to look at, and the looking."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConvwrightError
from ._arguments import load

if TYPE_CHECKING:
    from rich.status import Status

    from ..lint.config import Config
    from ..lint.fix_source import Assignment
    from ..lint.fixing import Attempt
    from ..lint.report import Report

Jobs = Mapping[str, "Assignment"]


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of it.

    Attributes
    ----------
    reports : tuple of Report
        What is, or remains, to be said.
    failures : tuple of ConvwrightError
        Models that could not be linted.
    attempts : tuple of Attempt
        Fixes that were tried.
    diff : str
        What they change.
    """

    reports: "tuple[Report, ...]"
    failures: tuple[ConvwrightError, ...] = ()
    attempts: "tuple[Attempt, ...]" = ()
    diff: str = ""


def named_models(models: Sequence[str], config: "Config") -> list[str]:
    """The models that are meant, a whole file being all of its networks."""
    from ..graph.models_in import models_in

    if not models:
        raise ConvwrightError("no model named", hint="name one, or list `models` under [tool.convwright]")
    named: list[str] = []
    for text in models:
        if not text.endswith(".py"):
            named.append(text)
            continue
        found = [f"{text}:{name}" for name in models_in(text)]
        found += [f"{text}:{model.rpartition(':')[2]}" for model in config.models_of(text)]
        if not found:
            problem = f"{text} has no network that can be built without arguments"
            raise ConvwrightError(problem, hint=f"name a factory: {text}:NAME, or list it under [tool.convwright]")
        named += found
    return list(dict.fromkeys(named))


def job_of(
    model: str, config: "Config", given: Mapping[str, Any], inputs: Iterable[str], arguments: Sequence[str]
) -> "Assignment":
    """How to lint a model: what the command line says, over what pyproject.toml says."""
    from ..graph.target import parse_arguments, parse_input
    from ..lint.engine import selected
    from ..lint.fix_source import Assignment

    shapes = [parse_input(text) for text in inputs] or [parse_input(text) for text in config.inputs(model)]
    words = {**config.arguments(model), **parse_arguments(arguments)}
    settings = config.settings(model, given)
    selected(settings)  # a mistyped code is found before anything is built
    return Assignment(load=lambda: load(model, words), inputs=shapes or None, settings=settings)


def lint_all(jobs: Jobs) -> Done:
    """A report of each model; one that cannot be linted does not keep the others from it."""
    reports, failures = [], []
    with _progress() as status:
        for model, job in jobs.items():
            status.update(f"linting {model} ...")
            try:
                reports.append(job.report())
            except ConvwrightError as error:
                failures.append(ConvwrightError(f"{model}: {error}") if len(jobs) > 1 else error)
    return Done(reports=tuple(reports), failures=tuple(failures))


def fix_all(jobs: Jobs, *, unsafe: bool, edit_installed: bool, write: bool) -> Done:
    """Fix the source of each model in turn, and write the files that changed."""
    from ..lint.fix_source import SourceFixer
    from ..lint.source_files import SourceFiles, Texts, check_editable

    for model in jobs:
        source = model.rpartition(":")[0]
        if source in ("", "torchvision", "timm"):
            raise ConvwrightError(f"{model} is not a file of yours", hint="--fix edits path/to/file.py:factory")
        if source.endswith(".py"):
            check_editable(str(Path(source).resolve()), installed=edit_installed)
    files = SourceFiles()
    texts: Texts = {}
    attempts: list[Attempt] = []
    reports: tuple[Report, ...] = ()
    with _progress() as status:
        for model, job in jobs.items():
            status.update(f"fixing {model} ...")
            others = tuple(other for name, other in jobs.items() if name != model)
            fixer = SourceFixer(assignments=(job, *others), files=files, edit_installed=edit_installed)
            repaired = fixer.repaired(unsafe=unsafe, start=texts)
            texts, reports = repaired.state, repaired.reports
            attempts += repaired.attempts
    if write:
        files.write(texts)
    return Done(reports=reports, attempts=tuple(attempts), diff=files.diff(texts))


@contextmanager
def _progress() -> "Iterator[Status]":
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status
