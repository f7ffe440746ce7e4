"""Fix the user's source: edited in memory, built and linted again, and written only when that was better."""

from dataclasses import dataclass, field

from ..errors import ConvwrightError
from ..networks.reading.edited import edited
from ..networks.reading.file_import import fresh_imports
from .edits import RewriteCall
from .fix_loop import FixAttempt, FixResult, apply_fixes, attempt, is_fixable
from .lint_task import LintTask
from .report import FindingGroup, Report
from .rewrite import rewrite
from .source_files import SourceFiles, Texts, check_editable
from .source_plan import plan_edits


@dataclass(frozen=True, kw_only=True)
class SourceFixer:
    """Fixes the files that a model is built from.

    Attributes
    ----------
    tasks : tuple of LintTask
        The model to fix, then others of the same files that must not suffer.
    files : SourceFiles
        What is on disk.
    edit_installed : bool
        Whether files of installed packages may be edited too.
    """

    tasks: tuple[LintTask, ...]
    files: SourceFiles = field(default_factory=SourceFiles)
    edit_installed: bool = False

    def fix(
        self, *, unsafe: bool, start: Texts | None = None, reports: tuple[Report, ...] | None = None
    ) -> FixResult[Texts]:
        """The texts of the files that change, by absolute path; nothing is written.

        `start` is what is edited already, and `reports` what is to be said of it, where it is known.
        """
        return apply_fixes(start or {}, judge=self.lint, change=self._change, unsafe=unsafe, reports=reports)

    def attempt(self, group: FindingGroup, reports: tuple[Report, ...]) -> FixAttempt[Texts]:
        """The same of one fix: that of findings of the first of `reports`, which are of the files as they are."""
        return attempt({}, reports, group, judge=self.lint, change=self._change)

    def lint(self, texts: Texts) -> tuple[Report, ...]:
        """Lint the models as they are with these texts; a file is imported once for all of its models."""
        reports: dict[int, Report] = {}
        with edited(texts):
            for file in dict.fromkeys(task.file for task in self.tasks):
                with fresh_imports():
                    reports |= {n: task.report() for n, task in enumerate(self.tasks) if task.file == file}
        return tuple(reports[number] for number in range(len(self.tasks)))

    def _change(self, texts: Texts, reports: tuple[Report, ...], group: FindingGroup) -> Texts:
        """The texts with the fixes of these findings."""

        def read(file: str) -> str:
            check_editable(file, installed=self.edit_installed)
            return texts[file] if file in texts else self.files.original(file)

        new = dict(texts)
        for file, actions in plan_edits(reports, group, read).items():
            new[file] = rewrite(read(file), actions)
        return new


def check_sites(report: Report, *, unsafe: bool, installed: bool) -> None:
    """Raise `ConvwrightError` when findings could be fixed, but all in files that must not, or cannot, be edited."""
    fixes = [f.fix for group in report.groups if is_fixable(group, unsafe=unsafe) for f in group.findings if f.fix]
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
