"""Tasks of `convwright lint`, and doing them: in plain values, so that it can be done in another process."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..child_process import memory_error
from ..errors import ConvwrightError, naming
from ._lint_run import LintOrder, LintRun, SourceEdits

if TYPE_CHECKING:
    from ..linter.fix_loop import FixOutcome
    from ..linter.lint_task import LintTask
    from ..linter.report import Report
    from ..networks import Network, NetworkName
    from ..networks.reading.left_out import LeftOut

Jobs = Mapping[str, "LintTask"]


@dataclass(frozen=True, kw_only=True)
class NetworkOpener:
    """Opens the networks of one call of `convwright lint`.

    Attributes
    ----------
    left_out : dict of LeftOut to None
        Statements that were not run so far, each once.
    """

    left_out: "dict[LeftOut, None]" = field(default_factory=dict)

    def open(self, name: "NetworkName") -> "Network":
        """Open a network, and note what was left out."""
        from ..networks import open_network

        network = open_network(name, computes=False)
        self.left_out.update(dict.fromkeys(network.left_out))
        return network


def lint_models(models: Sequence[str], order: LintOrder) -> LintRun:
    """Lint models, or fix their source, which is not written; one that cannot be linted keeps no other from it."""
    import torch

    from ..networks.reading.file_import import fresh_imports

    opener = NetworkOpener()
    jobs: dict[str, LintTask] = {}
    reports: dict[str, Report] = {}
    failures: list[ConvwrightError] = []
    passed_over: list[str] = []
    not_built: list[str] = []
    if order.num_threads:
        torch.set_num_threads(order.num_threads)
    for group in by_file(models).values():
        with fresh_imports():  # each file is run once, for all of its networks
            named, without, notes = named_models(group, order)
            not_built += notes
            if not (named or without):
                passed_over += group
            own = {model: job_of(model, order, opener) for model in named}
            found, failed = _reports(own)
        jobs |= own
        reports |= found
        failures += [*without, *failed]
    run = LintRun(reports=tuple(reports.values()), failures=tuple(failures), left_out=tuple(opener.left_out))
    run = replace(run, passed_over=tuple(passed_over), not_built=tuple(not_built))
    return _fixed(run, reports, jobs, order) if order.fixes else run


def by_file(models: Iterable[str]) -> dict[str, list[str]]:
    """Return the models by the file, or module, that they are in; those of libraries by ""."""
    from ..networks import NetworkName

    groups: dict[str, list[str]] = {}
    for model in models:
        name = NetworkName(text=model)
        groups.setdefault(name.source if name.is_users else "", []).append(model)
    return groups


class NamedModels(NamedTuple):
    """The models that are meant, the errors of files that have none, and sentences on networks that were not built."""

    names: list[str]
    failures: list[ConvwrightError]
    not_built: list[str]


def named_models(models: Sequence[str], order: LintOrder) -> NamedModels:
    """Return the models that are meant, a whole file being all of its networks."""
    from ..networks.reading.installed import is_source_file

    found = NamedModels([], [], [])
    for text in models:
        try:
            found.names.extend(_networks_of(text, order, found.not_built) if is_source_file(text) else [text])
        except ConvwrightError as error:
            found.failures.append(memory_error(error, text) or error)
    return found._replace(names=list(dict.fromkeys(found.names)))


def _networks_of(file: str, order: LintOrder, not_built: list[str]) -> list[str]:
    from ..networks.candidates import networks_in, no_network_error

    networks = networks_in(file, run_all=order.run_all)
    found = [f"{file}:{name}" for name in networks.names]
    if networks.not_built:
        count = f"{len(networks.not_built)} more network{'s' * (len(networks.not_built) > 1)}"
        not_built.append(f"{file}: {count} of the same kind: name one to lint it, as {file}:{networks.not_built[0]}")
    found += [f"{file}:{model.rpartition(':')[2]}" for model in order.config.models_of(file)]
    if not found and (networks.failures or file not in order.in_folders):
        raise no_network_error(file, networks)
    return found


def job_of(model: str, order: LintOrder, opener: NetworkOpener) -> "LintTask":
    """Make the task for a model: the command line over pyproject.toml."""
    from ..linter.engine import selected
    from ..linter.lint_task import LintTask
    from ..networks import NetworkName, parse_arguments, parse_input

    config = order.config
    given = tuple(parse_input(text) for text in order.inputs or config.inputs(model))
    own = {**config.arguments(model), **parse_arguments(order.arguments)}
    name = NetworkName(text=model, arguments=own, run_all=order.run_all)
    settings = config.settings(model, {key: value for key, value in order.flags.items() if value is not None})
    selected(settings)  # a mistyped code is found before anything is built
    return LintTask(load=lambda: opener.open(name), inputs=given, settings=settings, label=model)


def _reports(jobs: Jobs) -> "tuple[dict[str, Report], list[ConvwrightError]]":
    """A report of each model, and the errors of those that cannot be linted."""
    reports, failures = {}, []
    for model, job in jobs.items():
        try:
            reports[model] = job.report()
        except ConvwrightError as error:
            failures.append(memory_error(error, model) or naming(error, model))
    return reports, failures


def check_settings(models: Iterable[str], order: LintOrder) -> None:
    """Raise `ConvwrightError` for a setting, a shape or an argument that is none."""
    for model in models:
        job_of(model, order, NetworkOpener())


def check_fixable(models: Iterable[str], *, edit_installed: bool) -> None:
    """Raise `ConvwrightError` for a model that no fix can reach."""
    from ..linter.source_files import check_editable
    from ..networks import NetworkName
    from ..networks.reading.installed import is_source_file

    for model in models:
        name = NetworkName(text=model)
        if not name.is_users:
            raise ConvwrightError(f"{model} is not a file of yours", hint="--fix edits path/to/file.py:factory")
        if is_source_file(name.source) and Path(name.source).exists():
            check_editable(str(Path(name.source).resolve()), installed=edit_installed)


def _fixed(run: LintRun, reports: "dict[str, Report]", jobs: Jobs, order: LintOrder) -> LintRun:
    """Fix the source of each model in turn; nothing is written. `reports` are of the source as it is."""
    from ..linter.fix_source import SourceFixer, check_sites
    from ..linter.source_files import SourceFiles, Texts

    files = SourceFiles()
    texts: Texts = {}
    outcomes: list[FixOutcome] = []
    failures = list(run.failures)
    for report in reports.values():
        try:
            check_sites(report, unsafe=order.unsafe, installed=order.edit_installed)
        except ConvwrightError as error:
            failures.append(error)
    for model in list(reports):
        names = [model, *(name for name in reports if name != model)]
        tasks = tuple(jobs[name] for name in names)
        fixer = SourceFixer(tasks=tasks, files=files, edit_installed=order.edit_installed)
        known = tuple(reports[name] for name in names)
        result = fixer.fix(unsafe=order.unsafe, start=texts, reports=known)
        texts = result.state
        reports = {**reports, **dict(zip(names, result.reports, strict=True))}
        outcomes += result.outcomes
    return replace(
        run,
        reports=tuple(reports.values()),
        failures=tuple(failures),
        outcomes=tuple(outcomes),
        edits=(SourceEdits(files=files, texts=texts),),
    )
