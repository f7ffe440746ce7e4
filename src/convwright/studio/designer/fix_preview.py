"""Fixes of a finding, tried and compared before anything is changed."""

from ...linter import Report
from ...linter.finding import Safety
from ...linter.fix_module import attempt_fix
from ...linter.report import FindingGroup
from ...networks.inputs.network_input import as_inputs
from ..shared.design import Design
from ..shared.view import View
from ..shared.workbench import Workbench
from .code import fix_code_of
from .file_edits import FileEdits, SourceEdit
from .knob_search import KnobSearch


class FixPreview:
    """Fixes that are offered for one finding of one design.

    Parameters
    ----------
    design, view
        As they are.
    group : FindingGroup
        The findings.
    bench : Workbench
        Looks at other designs.
    edits : FileEdits
        Of the file, for a design that comes from one.

    Attributes
    ----------
    search : KnobSearch or None
        For changes of knobs that would fix it; None for a network that has no knobs.
    edited : Report or None
        Of the network with the linter's own fix, where it has one that is better.
    refusal : str
        Why that one would not be kept; "" where it would, or where there is none.
    source : SourceEdit or None
        The same in the file; None for a network that comes from no file.
    code : str
        Python that makes it, for a network of the zoo; "" for others, and where there is none.
    """

    def __init__(self, design: Design, view: View, group: FindingGroup, bench: Workbench, edits: FileEdits) -> None:
        assert view.report is not None  # noqa: S101 - there is a finding of it
        self.design, self.group, self.report = design, group, view.report
        is_of_zoo = design.model in bench.zoo
        self.search = KnobSearch(design, view.report, group, bench.look) if is_of_zoo else None
        self.source: SourceEdit | None = None
        self.edited: Report | None = None
        self.refusal = self.code = ""
        if not has_edits(group):
            return
        if bench.is_users(design):
            self.source = edits.attempt(design, group)
            self.edited, self.refusal = self.source.report, self.source.refusal
        else:
            trial = attempt_fix(view.report, group, as_inputs(view.report.model, view.inputs))
            self.edited, self.refusal = None if trial.refusal else trial.reports[0], trial.refusal
        if is_of_zoo and self.edited:
            self.code = fix_code_of(design, group.first.code, view.inputs[0].shape)


def has_edits(group: FindingGroup) -> bool:
    """Return True if the linter can make the fix, rather than only suggest it."""
    return group.first.fix is not None and group.first.fix.safety is not Safety.SUGGESTION


def find(view: View, number: int, code: str, path: str) -> FindingGroup | None:
    """Return the group of findings with a number, if it still is that of a rule at a layer."""
    group = view.findings[number] if 0 <= number < len(view.findings) else None
    return group if group and (group.first.code, group.first.path) == (code, path) else None
