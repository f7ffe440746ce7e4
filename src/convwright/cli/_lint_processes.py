"""The processes of `convwright lint`: one for each of the user's files, and none for networks of libraries."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..child_process import ChildCall, EndedCallError, Limits, announce, calls
from ..errors import ConvwrightError
from ._lint_jobs import by_file, check_fixable, check_settings, lint_models, lint_parts
from ._lint_run import LintOrder, LintRun
from ._own_process import steps_shown

_MOST_ENDED = 3  # networks that end their process before the rest of their file is given up


def lint_all(
    models: Sequence[str], order: LintOrder, limits: Limits, *, exclude: Sequence[str] = (), num_processes: int = 1
) -> LintRun:
    """Lint models, or fix their source, which is not written; reports are in the order of the models.

    Parameters
    ----------
    models : sequence of str
        Models, files and folders.
    exclude : sequence of str
        Patterns of files of the folders that are left out.
    num_processes : int
        Number of files that are looked at at a time.

    Raises
    ------
    ConvwrightError
        When no model is named, a setting is wrong, or a model that is to be fixed is not the user's.
    """
    from ..linter.folder_files import may_have_network

    if not models:
        raise ConvwrightError("no model named", hint="name one, or list `models` under [tool.convwright]")
    named, in_folders = _without_folders(models, [*order.config.exclude, *exclude])
    order = replace(order, in_folders=in_folders, num_threads=max(num_cores() // num_processes, 1))
    check_settings(named, order)
    if order.fixes:
        check_fixable(named, edit_installed=order.edit_installed)
    passed_over = tuple(name for name in named if name in in_folders and not may_have_network(name))
    groups = by_file(name for name in named if name not in passed_over)
    of_libraries = groups.pop("", [])
    if len(groups) > 1:
        done = _in_processes(groups, replace(order, fixes=False), limits, num_processes)
        if order.fixes:
            done |= _in_processes(_to_fix(groups, done), order, limits, num_processes)
    else:
        done = _in_processes(groups, order, limits, num_processes)
    with steps_shown():
        done[""] = lint_models(of_libraries, order)
    runs = {id(done[label]): done[label] for label in ["", *groups]}
    return sum(runs.values(), LintRun(passed_over=passed_over))


def num_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _without_folders(models: Iterable[str], exclude: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """Return the models with every folder replaced by its files, and those files."""
    from ..linter.folder_files import files_in

    named: list[str] = []
    in_folders: set[str] = set()
    for model in models:
        files = files_in(model, exclude) if os.path.isdir(model) else []
        named += files or [model]
        in_folders |= set(files)
    return list(dict.fromkeys(named)), frozenset(in_folders)


def _in_processes(
    groups: Mapping[str, Sequence[str]], order: LintOrder, limits: Limits, num_processes: int
) -> dict[str, LintRun]:
    """Lint each group of models in a process of its own; return the outcome by file, one for all files of a group.

    Where a network does not come back, the others of its file are linted in another process.
    """
    from ..networks.reading.file_import import users_place

    tasks = [_task(label, group, order) for label, group in groups.items()]
    answers = {label: LintRun(pending=tuple(group)) for label, group in groups.items()}
    if len(tasks) > 1:
        from ._preloaded import import_shared

        import_shared(groups)
    with steps_shown():
        while tasks:
            later: list[ChildCall[LintRun]] = []
            for task, answer in calls(tasks, limits=limits, users_place=users_place, num_processes=num_processes):
                done = answers[task.label]
                if isinstance(answer, ConvwrightError):
                    failures, others = [answer], _others(answer, task, done)
                    if others and len(others[0].arguments[1].skipped) == _MOST_ENDED:
                        failures, others = [answer, _given_up(task.label)], []
                    later += others
                    answer = LintRun(failures=tuple(failures), pending=done.pending if others else ())
                    if others and order.fixes:  # which begins anew
                        done = LintRun(
                            failures=tuple(each for each in done.failures if isinstance(each, EndedCallError))
                        )
                answers[task.label] = done + answer
                if len(groups) > 1:
                    announce(f"{sum(not run.pending for run in answers.values())} of {len(groups)} files")
            tasks = later
    return {file: answers[label] for label, group in groups.items() for file in by_file(group)}


def _task(label: str, models: Sequence[str], order: LintOrder) -> ChildCall[LintRun]:
    return ChildCall(label=label, function=lint_parts, arguments=(models, order))


def _others(error: ConvwrightError, task: ChildCall[LintRun], done: LintRun) -> list[ChildCall[LintRun]]:
    """Return the call for the models that a call has left, without the network that ended it; none where none are."""
    models, order = task.arguments
    network = error.subject if isinstance(error, EndedCallError) else ""
    if not network or network in order.skipped or not done.pending:
        return []
    rest = [model for model in (models if order.fixes else done.pending) if model != network]
    return [_task(task.label, rest, replace(order, skipped=order.skipped | {network}))] if rest else []


def _given_up(file: str) -> ConvwrightError:
    return ConvwrightError(
        f"the rest of {file} was not linted",
        got=f"{_MOST_ENDED} networks that did not come back",
        hint=f"name a network to lint it: {file}:NAME",
    )


def _to_fix(groups: Mapping[str, Sequence[str]], done: Mapping[str, LintRun]) -> dict[str, list[str]]:
    """Return the models that are fixed together, since a fix of one must not harm another that shares its source."""
    sets: list[tuple[set[str], list[str]]] = []  # source files, and files of models
    for file in groups:
        sources, files = _sources(file, done[file]), [file]
        for each in [each for each in sets if each[0] & sources]:
            sets.remove(each)
            sources, files = sources | each[0], each[1] + files
        sets.append((sources, files))
    needed = [files for _, files in sets if any(done[file].has_fixes for file in files)]
    return {", ".join(files): [model for file in files for model in groups[file]] for files in needed}


def _sources(file: str, run: LintRun) -> set[str]:
    """Return the files that the networks of a file are built from."""
    sites = (site.file for report in run.reports for site in report.call_sites.values())
    places = (finding.place for report in run.reports for finding in report.findings)
    return {os.path.realpath(file), *sites, *(place.file for place in places if place)}
