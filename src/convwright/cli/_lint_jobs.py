"""Tasks of `convwright lint`, and doing them: in plain values, so that it can be done in another process."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    return sum(lint_parts(models, order), LintRun())


def lint_parts(models: Sequence[str], order: LintOrder) -> Iterator[LintRun]:
    """Do as `lint_models` does, and yield what is known as soon as it is; a sum of these is the whole."""
    import torch

    from ..networks.reading.file_import import fresh_imports

    opener = NetworkOpener()
    jobs: dict[str, LintTask] = {}
    reports: dict[str, Report] = {}
    if order.num_threads:
        torch.set_num_threads(order.num_threads)
    groups = [*by_file(models).values()]
    for index, group in enumerate(groups):
        with fresh_imports():  # each file is run once, for all of its networks
            named = named_models(group, order)
            pending = [*named.names, *(model for later in groups[index + 1 :] for model in later)]
            yield LintRun(
                failures=tuple(named.failures),
                not_built=tuple(named.not_built),
                passed_over=tuple(named.passed_over),
                pending=tuple(pending),
            )
            for number, model in enumerate(named.names, start=1):
                jobs[model] = job_of(model, order, opener)
                run = _linted(model, jobs[model])
                reports.update((model, report) for report in run.reports)
                yield replace(run, left_out=tuple(opener.left_out), pending=tuple(pending[number:]))
    if order.fixes:
        yield _fixed(reports, jobs, order)


def by_file(models: Iterable[str]) -> dict[str, list[str]]:
    """Return the models by the file, or module, that they are in; those of libraries by ""."""
    from ..networks import NetworkName

    groups: dict[str, list[str]] = {}
    for model in models:
        name = NetworkName(text=model)
        groups.setdefault(name.source if name.is_users else "", []).append(model)
    return groups


class NamedModels(NamedTuple):
    """The models that are meant.

    Attributes
    ----------
    names : list of str
        Those that can be linted.
    failures : list of ConvwrightError
        Why others cannot.
    not_built : list of str
        Sentences on networks that are not linted, since many others are of the same kind.
    passed_over : list of str
        Files without a network.
    """

    names: list[str]
    failures: list[ConvwrightError]
    not_built: list[str]
    passed_over: list[str]


def named_models(models: Sequence[str], order: LintOrder) -> NamedModels:
    """Return the models that are meant, a whole file being all of its networks."""
    from ..networks.reading.installed import is_source_file

    found = NamedModels([], [], [], [])
    for text in models:
        try:
            if is_source_file(text):
                _find_networks(text, order, found)
            else:
                found.names.append(text)
        except ConvwrightError as error:
            found.failures.append(memory_error(error, text) or error)
    return found._replace(names=[name for name in dict.fromkeys(found.names) if name not in order.skipped])


def _find_networks(file: str, order: LintOrder, found: NamedModels) -> None:
    """Add the networks of a file to those that were found."""
    from ..networks.candidates import networks_in, no_network_error

    networks = networks_in(file, run_all=order.run_all, skipped=order.skipped)
    names = [*networks.names, *(model.rpartition(":")[2] for model in order.config.models_of(file))]
    found.names.extend(f"{file}:{name}" for name in names)
    if networks.not_built:
        count = f"{len(networks.not_built)} more network{'s' * (len(networks.not_built) > 1)}"
        note = f"{file}: {count} of the same kind: name one to lint it, as {file}:{networks.not_built[0]}"
        found.not_built.append(note)
    failed = {name: error for name, error in networks.failures.items() if name not in names}
    failures = [_of_network(error, file, name) for name, error in failed.items()]
    if not names and not any(name.startswith(f"{file}:") for name in order.skipped):
        if not failed and file in order.in_folders:
            found.passed_over.append(file)
        elif not any(memory_error(error, file) for error in failed.values()):
            failures[:1] = [no_network_error(file, networks)]
    found.failures.extend(failures)


def _of_network(error: ConvwrightError, file: str, name: str) -> ConvwrightError:
    """Return the error of a network of a file, which names both."""
    words = str(error)
    text = f"{file}:{words}" if words.startswith(f"{name} ") else f"{file}:{name}: {words}"
    return memory_error(error, f"{file}:{name}") or ConvwrightError(text)


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
    task = LintTask(load=lambda: opener.open(name), inputs=given, settings=settings, label=model)
    return replace(task, values=order.values)


def _linted(model: str, job: "LintTask") -> LintRun:
    try:
        return LintRun(reports=(job.report(),))
    except ConvwrightError as error:
        return LintRun(failures=(memory_error(error, model) or naming(error, model),))


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


def _fixed(reports: "dict[str, Report]", jobs: Jobs, order: LintOrder) -> LintRun:
    """Fix the source of each model in turn; nothing is written. `reports` are of the source as it is."""
    from ..linter.fix_source import SourceFixer, check_sites
    from ..linter.source_files import SourceFiles, Texts

    files = SourceFiles()
    texts: Texts = {}
    outcomes: list[FixOutcome] = []
    failures: list[ConvwrightError] = []
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
    return LintRun(
        reports=tuple(reports.values()),
        failures=tuple(failures),
        outcomes=tuple(outcomes),
        edits=(SourceEdits(files=files, texts=texts),),
    )
