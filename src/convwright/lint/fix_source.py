"""Fix the user's source: edited in memory, built and linted again, and written only when that was better."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

from ..graph.edited import edited
from ..graph.target import Target
from .engine import lint
from .fixing import Repaired, repair
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
        loaded: set[str] = set()
        return repair(start or {}, judge=lambda texts: self._judge(texts, loaded), change=self._change, unsafe=unsafe)

    def _judge(self, texts: Texts, loaded: set[str]) -> tuple[Report, ...]:
        """Lint the models as they are with these texts; `loaded` are the user's modules that earlier calls imported."""
        for name in loaded & set(sys.modules):
            del sys.modules[name]
        before = set(sys.modules)
        with edited(texts):
            reports = tuple(assignment.report() for assignment in self.assignments)
        loaded |= {name for name in set(sys.modules) - before if _is_own(sys.modules[name])}
        return reports

    def _change(self, texts: Texts, reports: tuple[Report, ...], folded: Folded) -> Texts:
        """The texts with the fixes of these findings."""

        def read(file: str) -> str:
            return texts[file] if file in texts else self.files.original(file)

        new = dict(texts)
        for file, actions in planned(reports, folded, read).items():
            check_editable(file, installed=self.edit_installed)
            new[file] = rewrite(read(file), actions)
        return new


def _is_own(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and not is_installed(file) and not module.__name__.startswith("convwright.")
