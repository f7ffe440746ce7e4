"""Edits of the file that was named on the command line: shown first, made only over what was shown, taken back."""

from dataclasses import dataclass, field
from pathlib import Path

from ...errors import ConvwrightError
from ...graph import Place
from ...linter import Report
from ...linter.fix_source import SourceFixer
from ...linter.report import FindingGroup
from ...linter.source_files import SourceFiles, Texts
from ..shared.design import Design
from ..shared.workbench import Workbench


@dataclass(frozen=True, kw_only=True)
class SourceEdit:
    """A fix in the source, tried in memory.

    Attributes
    ----------
    report : Report or None
        Of the network with it; None where it was refused.
    refusal : str
        Why it would not be kept; "" when it would.
    diff : str
        What it changes.
    texts, files : Texts, SourceFiles
        What is written, over what was read.
    """

    report: Report | None = None
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
        """Return the fix of findings, as `convwright lint --fix` would make it; nothing is written."""
        files = SourceFiles()
        fixer = SourceFixer(tasks=(self._bench.assignment(design),), files=files)
        reports = fixer.lint({})
        same = next((each for each in reports[0].groups if _key(each) == _key(group)), None)
        if same is None:
            return SourceEdit(refusal="the finding is gone: the file was changed meanwhile")
        trial = fixer.attempt(same, reports)
        if trial.refusal:
            return SourceEdit(refusal=trial.refusal)
        if others := [Path(file).name for file in trial.state if Path(file).resolve() != self._bench.file]:
            return SourceEdit(refusal=f"it edits {others[0]}, which was not named; `convwright lint --fix` may do it")
        return SourceEdit(report=trial.reports[0], diff=files.diff(trial.state), texts=trial.state, files=files)

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
        """Whether there is an edit to undo."""
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


def _key(group: FindingGroup) -> tuple[str, tuple[str, ...], Place | None]:
    return group.first.code, group.paths, group.first.place
