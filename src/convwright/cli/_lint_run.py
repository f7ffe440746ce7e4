"""Order and result of a call of `convwright lint`: plain values, which travel between processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import ConvwrightError

if TYPE_CHECKING:
    from ..linter.config import Config
    from ..linter.fix_loop import FixOutcome
    from ..linter.report import Report
    from ..linter.source_files import SourceFiles, Texts
    from ..networks.reading.left_out import LeftOut


@dataclass(frozen=True, kw_only=True)
class SourceEdits:
    """Edits of source files that are not on disk yet.

    Attributes
    ----------
    files : SourceFiles
        What was read.
    texts : mapping of str to str
        What is to be written.
    """

    files: "SourceFiles"
    texts: "Texts"

    @cached_property
    def diff(self) -> str:
        """The edits as a unified diff."""
        return self.files.diff(self.texts)


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
    edits : tuple of SourceEdits
        What the fixes edit.
    is_written : bool
        True if the edits are on disk.
    left_out : tuple of LeftOut
        Statements of the user's files that were not run.
    passed_over : tuple of str
        Files of a folder that have no network.
    not_built : tuple of str
        Sentences on networks that were not linted, since many others are of the same kind.
    pending : tuple of str
        Models that are still to be linted.
    """

    reports: "tuple[Report, ...]" = ()
    failures: tuple[ConvwrightError, ...] = ()
    outcomes: "tuple[FixOutcome, ...]" = ()
    edits: tuple[SourceEdits, ...] = ()
    is_written: bool = False
    left_out: "tuple[LeftOut, ...]" = ()
    passed_over: tuple[str, ...] = ()
    not_built: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """2 when something could not be done, 1 when an error or warning is in what is on disk, else 0."""
        from ..linter.finding import Severity

        if self.failures:
            return 2
        pending = [each.group.first for each in self.outcomes if not self.is_written and not each.refusal]
        is_clean = all(report.is_clean for report in self.reports)
        return 0 if is_clean and all(finding.severity is Severity.ADVICE for finding in pending) else 1

    @property
    def diff(self) -> str:
        """The edits as a unified diff."""
        return "".join(each.diff for each in self.edits)

    @property
    def has_fixes(self) -> bool:
        """True if a finding has a fix that `--fix` makes, with or without `--unsafe-fixes`."""
        from ..linter.fix_loop import is_fixable

        return any(is_fixable(group, unsafe=True) for report in self.reports for group in report.groups)

    def __add__(self, other: "LintRun") -> "LintRun":
        """Return both; a later report of a network is in the place of an earlier one."""
        return LintRun(
            reports=tuple({report.label: report for report in self.reports + other.reports}.values()),
            failures=self.failures + other.failures,
            outcomes=self.outcomes + other.outcomes,
            edits=self.edits + other.edits,
            left_out=tuple(dict.fromkeys(self.left_out + other.left_out)),
            passed_over=self.passed_over + other.passed_over,
            not_built=self.not_built + other.not_built,
            pending=other.pending,
        )

    def written(self) -> "LintRun":
        """Write the edits; see `SourceFiles.write`."""
        for each in self.edits:
            each.files.write(each.texts)
        return replace(self, is_written=True)


@dataclass(frozen=True, kw_only=True)
class LintOrder:
    """A call of `convwright lint`, but for its models.

    Attributes
    ----------
    config : Config
        What pyproject.toml says.
    flags : mapping
        Settings of the command line; one that is None says nothing.
    inputs, arguments : sequence of str
        Shapes of the inputs and arguments of the factories, as texts.
    run_all : bool
        True runs all of the user's files, as Python would; else only what defines something.
    values : bool
        False never computes with numbers.
    in_folders : frozenset of str
        Files that were not named but are in a folder that was: one may have no network.
    skipped : frozenset of str
        Networks that did not come back, and are not tried again.
    num_threads : int
        Threads of torch; 0 leaves them.
    fixes, unsafe, edit_installed : bool
        True to fix the source; also by fixes after which to train again; also in installed packages.
    """

    config: "Config"
    flags: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[str] = ()
    arguments: Sequence[str] = ()
    run_all: bool = False
    values: bool = True
    in_folders: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    num_threads: int = 0
    fixes: bool = False
    unsafe: bool = False
    edit_installed: bool = False
