"""Fix the user's source: edited in memory, built and linted again, and written only when that was better."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType

from ..errors import ConvwrightError
from ..graph.edited import edited
from ..graph.target import Target
from .edits import RewriteCall
from .engine import lint
from .fixing import Repaired, Trial, is_fixable, repair, tried
from .report import Folded, Report
from .rewrite import rewrite
from .settings import Settings
from .source_files import SourceFiles, Texts, check_editable, is_installed
from .source_plan import planned


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A model to be linted, and how.

    Attributes
    ----------
    load : callable
        Imports its files and builds it.
    inputs : list of tuple of int
        Shapes to trace it with; its own when left out.
    settings : Settings
        As for `lint`.
    """

    load: Callable[[], Target]
    inputs: list[tuple[int, ...]] | None = None
    settings: Settings

    def report(self) -> Report:
        """What is to be said of the model, built anew."""
        with own_modules_anew():
            target = self.load()
            inputs = self.inputs or [target.default_input]
            return lint(target.model, inputs, settings=self.settings, label=target.label, call_sites=target.call_sites)


@dataclass(frozen=True, kw_only=True)
class SourceFixer:
    """Fixes the files that a model is built from.

    Attributes
    ----------
    assignments : tuple of Assignment
        The model to fix, then others of the same files that must not suffer.
    files : SourceFiles
        What is on disk.
    edit_installed : bool
        Whether files of installed packages may be edited too.
    """

    assignments: tuple[Assignment, ...]
    files: SourceFiles = field(default_factory=SourceFiles)
    edit_installed: bool = False

    def repaired(self, *, unsafe: bool, start: Texts | None = None) -> Repaired[Texts]:
        """The texts of the files that change, by absolute path; nothing is written."""
        return repair(start or {}, judge=self.judged, change=self._change, unsafe=unsafe)

    def tried(self, folded: Folded, reports: tuple[Report, ...]) -> Trial[Texts]:
        """The same of one fix: that of findings of the first of `reports`, which are of the files as they are."""
        return tried({}, reports, folded, judge=self.judged, change=self._change)

    def judged(self, texts: Texts) -> tuple[Report, ...]:
        """Lint the models as they are with these texts."""
        with edited(texts):
            return tuple(assignment.report() for assignment in self.assignments)

    def _change(self, texts: Texts, reports: tuple[Report, ...], folded: Folded) -> Texts:
        """The texts with the fixes of these findings."""

        def read(file: str) -> str:
            check_editable(file, installed=self.edit_installed)
            return texts[file] if file in texts else self.files.original(file)

        new = dict(texts)
        for file, actions in planned(reports, folded, read).items():
            new[file] = rewrite(read(file), actions)
        return new


def check_sites(report: Report, *, unsafe: bool, installed: bool) -> None:
    """Raise `ConvwrightError` when findings could be fixed, but all in files that must not, or cannot, be edited."""
    fixes = [f.fix for folded in report.folded if is_fixable(folded, unsafe=unsafe) for f in folded.findings if f.fix]
    edits = [edit for fix in fixes for edit in fix.edits]
    places = [edit.op.place if isinstance(edit, RewriteCall) else report.call_sites.get(edit.path) for edit in edits]
    problem = None
    for file in dict.fromkeys(place.file for place in places if place):
        try:
            check_editable(file, installed=installed)
        except ConvwrightError as error:
            problem = problem or error
        else:
            return
    if problem:
        raise problem


@contextmanager
def own_modules_anew() -> Iterator[None]:
    """Within, the user's modules are imported as if for the first time; afterwards all are as they were."""
    before = {name: module for name, module in sys.modules.items() if _is_own(name, module)}
    for name in before:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name, module in sys.modules.items() if _is_own(name, module)]:
            del sys.modules[name]
        sys.modules.update(before)


def _is_own(name: str, module: ModuleType) -> bool:
    """Whether a module is Python source that is neither installed nor part of this package or the running program."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py") or name == "__main__":
        return False
    return name.partition(".")[0] != __package__.partition(".")[0] and not is_installed(file)
