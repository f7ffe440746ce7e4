"""The processes of `convwright lint`: one for each of the user's files, and none for networks of libraries."""

from collections.abc import Sequence

from ..child_process import ChildCall, Limits, calls
from ..errors import ConvwrightError
from ._lint_jobs import LintOrder, LintRun, by_file, check_fixable, check_settings, lint_models
from ._own_process import steps_shown


def lint_all(models: Sequence[str], order: LintOrder, limits: Limits) -> LintRun:
    """Lint models, or fix their source, which is not written; reports are in the order of the models.

    Raises
    ------
    ConvwrightError
        When no model is named, a setting is wrong, or a model that is to be fixed is not the user's.
    """
    from ..networks.reading.file_import import users_place

    if not models:
        raise ConvwrightError("no model named", hint="name one, or list `models` under [tool.convwright]")
    check_settings(models, order)
    if order.fixes:
        check_fixable(models, edit_installed=order.edit_installed)
    groups = by_file(models)
    if order.fixes:  # a fix of one must not harm another, which may share its source
        groups = {", ".join(groups): list(models)}
    of_libraries = groups.pop("", [])
    tasks = [ChildCall(label=label, function=lint_models, arguments=(group, order)) for label, group in groups.items()]
    done: dict[str, LintRun] = {}
    with steps_shown():
        for task, answer in calls(tasks, limits=limits, users_place=users_place):
            done[task.label] = LintRun(failures=(answer,)) if isinstance(answer, ConvwrightError) else answer
        done[""] = lint_models(of_libraries, order)
    return sum((done[label] for label in ["", *groups]), LintRun())
