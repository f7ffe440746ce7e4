"""Tasks of `convwright lint`, and doing them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from ..errors import ConvwrightError

if TYPE_CHECKING:
    from rich.status import Status

    from ..linter.config import Config
    from ..linter.fix_loop import FixOutcome
    from ..linter.fix_source import LintTask
    from ..linter.report import Report
    from ..networks import Network, NetworkName
    from ..networks.reading.left_out import LeftOut

Jobs = Mapping[str, "LintTask"]


@dataclass(frozen=True, kw_only=True)
class LintRun:
    """Reports, failures and fixes of one call of `convwright lint`.

    Attributes
    ----------
    reports : tuple of Report
        One for each model, of the source as it is now.
    failures : tuple of ConvwrightError
        Models that could not be linted.
    outcomes : tuple of FixOutcome
        Fixes that were tried.
    diff : str
        The edits as a unified diff.
    is_written : bool
        True if the edits are on disk.
    """

    reports: "tuple[Report, ...]"
    failures: tuple[ConvwrightError, ...] = ()
    outcomes: "tuple[FixOutcome, ...]" = ()
    diff: str = ""
    is_written: bool = True

    @property
    def exit_code(self) -> int:
        """2 when something could not be done, 1 when an error or warning is in what is on disk, else 0."""
        from ..linter.finding import Severity

        if self.failures:
            return 2
        pending = [each.group.first for each in self.outcomes if not self.is_written and not each.refusal]
        is_clean = all(report.is_clean for report in self.reports)
        return 0 if is_clean and all(finding.severity is Severity.ADVICE for finding in pending) else 1


@dataclass(frozen=True, kw_only=True)
class NetworkOpener:
    """Opens the networks of one call of `convwright lint`.

    Attributes
    ----------
    run_all : bool
        True runs all of the user's files, as Python would; else only what defines something.
    left_out : dict of LeftOut to None
        Statements that were not run so far, each once.
    """

    run_all: bool = False
    left_out: "dict[LeftOut, None]" = field(default_factory=dict)

    def open(self, name: "NetworkName") -> "Network":
        """Open a network, and note what was left out."""
        from ..networks import open_network

        network = open_network(name, computes=False)
        self.left_out.update(dict.fromkeys(network.left_out))
        return network


def named_models(
    models: Sequence[str], config: "Config", *, run_all: bool = False
) -> tuple[list[str], list[ConvwrightError]]:
    """The models that are meant, a whole file being all of its networks; and the files that have none."""
    from ..networks.reading.installed import is_source_file

    if not models:
        raise ConvwrightError("no model named", hint="name one, or list `models` under [tool.convwright]")
    named: list[str] = []
    failures: list[ConvwrightError] = []
    for text in models:
        try:
            named += _networks_of(text, config, run_all=run_all) if is_source_file(text) else [text]
        except ConvwrightError as error:
            failures.append(error)
    return list(dict.fromkeys(named)), failures


def _networks_of(file: str, config: "Config", *, run_all: bool) -> list[str]:
    from ..networks.candidates import networks_in, no_network_error
    from ..networks.reading.file_import import fresh_imports

    with fresh_imports():
        networks = networks_in(file, run_all=run_all)
    found = [f"{file}:{name}" for name in networks.names]
    found += [f"{file}:{model.rpartition(':')[2]}" for model in config.models_of(file)]
    if not found:
        raise no_network_error(file, networks.failures)
    return found


def job_of(
    model: str,
    config: "Config",
    flags: Mapping[str, Any],
    inputs: Iterable[str],
    arguments: Sequence[str],
    opener: NetworkOpener,
) -> "LintTask":
    """Make the task for a model: the command line (a flag that is None says nothing) over pyproject.toml."""
    from ..linter.engine import selected
    from ..linter.fix_source import LintTask
    from ..networks import NetworkName, parse_arguments, parse_input

    given = tuple(parse_input(text) for text in [*inputs] or config.inputs(model))
    own = {**config.arguments(model), **parse_arguments(arguments)}
    name = NetworkName(text=model, arguments=own, run_all=opener.run_all)
    settings = config.settings(model, {key: value for key, value in flags.items() if value is not None})
    selected(settings)  # a mistyped code is found before anything is built
    return LintTask(load=lambda: opener.open(name), inputs=given, settings=settings)


def lint_all(jobs: Jobs) -> LintRun:
    """A report of each model; one that cannot be linted does not keep the others from it."""
    reports, failures = _reports(jobs)
    return LintRun(reports=tuple(reports.values()), failures=tuple(failures))


def _reports(jobs: Jobs) -> "tuple[dict[str, Report], list[ConvwrightError]]":
    reports, failures = {}, []
    with _progress() as status:
        for model, job in jobs.items():
            status.update(f"linting {escape(model)} ...")
            try:
                reports[model] = job.report()
            except ConvwrightError as error:
                failures.append(ConvwrightError(f"{model}: {error}") if len(jobs) > 1 else error)
    return reports, failures


def fix_all(jobs: Jobs, *, unsafe: bool, edit_installed: bool, write: bool) -> LintRun:
    """Fix the source of each model in turn, and write the files that changed."""
    from ..linter.fix_source import SourceFixer, check_sites
    from ..linter.source_files import SourceFiles, Texts, check_editable
    from ..networks import NetworkName
    from ..networks.reading.installed import is_source_file

    for model in jobs:
        name = NetworkName(text=model)
        if not name.is_users:
            raise ConvwrightError(f"{model} is not a file of yours", hint="--fix edits path/to/file.py:factory")
        if is_source_file(name.source) and Path(name.source).exists():
            check_editable(str(Path(name.source).resolve()), installed=edit_installed)
    files = SourceFiles()
    texts: Texts = {}
    outcomes: list[FixOutcome] = []
    reports, failures = _reports(jobs)
    for report in reports.values():
        try:
            check_sites(report, unsafe=unsafe, installed=edit_installed)
        except ConvwrightError as error:
            failures.append(error)
    with _progress() as status:
        for model in reports:
            status.update(f"fixing {escape(model)} ...")
            order = [model, *(name for name in reports if name != model)]
            tasks = tuple(jobs[name] for name in order)
            fixer = SourceFixer(tasks=tasks, files=files, edit_installed=edit_installed)
            result = fixer.fix(unsafe=unsafe, start=texts)
            texts = result.state
            reports |= dict(zip(order, result.reports, strict=True))
            outcomes += result.outcomes
    if write:
        files.write(texts)
    return LintRun(
        reports=tuple(reports.values()),
        failures=tuple(failures),
        outcomes=tuple(outcomes),
        diff=files.diff(texts),
        is_written=write,
    )


@contextmanager
def _progress() -> "Iterator[Status]":
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status
