"""Edits of the file that was named on the command line: shown first, made only over what was shown, taken back."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from ...analysis.facts import Analysis
from ...errors import ConvwrightError
from ...graph import Place
from ...linter import Report, Settings
from ...linter.fix_source import SourceFixer
from ...linter.lint_task import LintTask
from ...linter.report import FindingGroup
from ...linter.source_files import SourceFiles, Texts
from ...networks import NetworkName
from ..shared.design import Design
from ..shared.user_network import in_process, load
from ..shared.workbench import Workbench

_Key = tuple[str, tuple[str, ...], Place | None]  # code, paths and line of findings


@dataclass(frozen=True, kw_only=True)
class SourceEdit:
    """A fix in the source, tried in memory.

    Attributes
    ----------
    report : Report or None
        Of the network with it; None where it was refused.
    analysis : Analysis or None
        Facts of the network with it, where it runs.
    refusal : str
        Why it would not be kept; "" when it would.
    diff : str
        What it changes.
    texts, files : Texts, SourceFiles
        What is written, over what was read.
    """

    report: Report | None = None
    analysis: Analysis | None = None
    refusal: str = ""
    diff: str = ""
    texts: Texts = field(default_factory=dict)
    files: SourceFiles = field(default_factory=SourceFiles)


class FileEdits:
    """The one file, and what was done to it.

    Parameters
    ----------
    bench : Workbench
        Which names it.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._done: list[tuple[Texts, Texts]] = []  # before and after

    def attempt(self, design: Design, group: FindingGroup) -> SourceEdit:
        """Return the fix of findings, as `convwright lint --fix` would make it; nothing is written.

        The file with it is looked at in another process, for which others do not wait.
        """
        try:
            edit = in_process(_attempted, *self._bench.opened(design), _key(group), self._bench.file)
        except ConvwrightError as error:
            return SourceEdit(refusal=str(error))
        return replace(edit, report=edit.report and edit.report.with_analysis(edit.analysis))

    def write(self, edit: SourceEdit) -> None:
        """Put on disk what was tried.

        Raises
        ------
        ConvwrightError
            When the file is no longer what it was then, or cannot be written; then it is as it was.
        """
        edit.files.write(edit.texts)
        self._done.append(({file: edit.files.original(file) for file in edit.texts}, edit.texts))

    @property
    def can_undo(self) -> bool:
        """True if there is an edit to undo."""
        return bool(self._done)

    def undo(self) -> None:
        """Undo the last edit.

        Raises
        ------
        ConvwrightError
            When the file was changed since; nothing is written.
        """
        before, after = self._done[-1]
        files = SourceFiles()
        if changed := [Path(file).name for file, text in after.items() if files.original(file) != text]:
            raise ConvwrightError(f"{changed[0]} was changed since the fix", hint="take it back in your editor")
        files.write(before)
        self._done.pop()


def _attempted(name: NetworkName, inputs: str, key: _Key, named: Path | None) -> SourceEdit:
    """Fix the findings with a key; an edit of another file than the one that was named is refused."""
    files = SourceFiles()
    task = LintTask(load=lambda: load(name, inputs), settings=Settings())
    fixer = SourceFixer(tasks=(task,), files=files)
    reports = fixer.lint({})
    same = next((each for each in reports[0].groups if _key(each) == key), None)
    if same is None:
        return SourceEdit(refusal="the finding is gone: the file was changed meanwhile")
    trial = fixer.attempt(same, reports)
    if trial.refusal:
        return SourceEdit(refusal=trial.refusal)
    if named and (others := [Path(file).name for file in trial.state if Path(file).resolve() != named]):
        return SourceEdit(refusal=f"it edits {others[0]}, which was not named; `convwright lint --fix` may do it")
    report, diff = trial.reports[0], files.diff(trial.state)
    return SourceEdit(report=report, analysis=report.analysis, diff=diff, texts=dict(trial.state), files=files)


def _key(group: FindingGroup) -> _Key:
    return group.first.code, group.paths, group.first.place
