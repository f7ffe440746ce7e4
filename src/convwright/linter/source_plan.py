"""Plan the edits of a fix as changes of single calls in the source."""

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import libcst as cst

from ..errors import ConvwrightError
from ..graph.call_sites import CallSite, modules_by_site
from ..graph.module_tree import module_at
from .edits import Delete, Edit, Replace, RewriteCall, SetArguments, Swap
from .report import FindingGroup, Report
from .rewrite import Action, SourceSpan, calls_on, code_of, coding, feeding, rewrite, setting, span_of

Read = Callable[[str], str]  # the text of a file as edited so far
Steps = list[Edit | CallSite]  # what becomes of one module; a call site stands for what is constructed there


def plan_edits(reports: tuple[Report, ...], group: FindingGroup, read: Read) -> dict[str, dict[SourceSpan, Action]]:
    """Plan what to do at which calls of which files, for findings of the first of these reports.

    Raises
    ------
    ConvwrightError
        When a line cannot be edited without changing what it also makes or calls elsewhere.
    """
    report, *others = reports
    edits = [edit for finding in group.findings if finding.fix for edit in finding.fix.edits]
    plan: dict[str, dict[SourceSpan, Action]] = {}
    for site, (steps, action) in _constructions(report, edits, read).items():
        for other in others:
            _check_agrees(other, site, steps, group.first.code)
        plan.setdefault(site.file, {})[_span(site, read)] = action
    for edit in edits:
        if isinstance(edit, RewriteCall):
            file, span, action = _call(reports, edit, group.first.code, read)
            plan.setdefault(file, {})[span] = action
    return plan


def _constructions(report: Report, edits: Iterable[Edit], read: Read) -> dict[CallSite, tuple[Steps, Action]]:
    """Return what to do at each constructing call; each must hold for every module that the call makes."""
    wanted = _steps(report, edits)
    made = modules_by_site(report.call_sites)
    plan: dict[CallSite, tuple[Steps, Action]] = {}
    for path, steps in wanted.items():
        site = _site(report, path)
        module = module_at(report.model, path)
        others = [other for other in made[site] if wanted.get(other) != steps]
        others = [other for other in others if module_at(report.model, other) is not module]  # under another path
        if others:
            problem = f"{site.place} also makes `{others[0]}`" + (f" and {len(others) - 1} more" * (len(others) > 1))
            raise ConvwrightError(problem, expected="a line that makes only what is to be changed", hint="edit by hand")
        names, defaults = _signature(type(module))
        plan[site] = steps, _chained([_action(step, names, defaults, read) for step in steps])
    return plan


def _steps(report: Report, edits: Iterable[Edit]) -> dict[str, Steps]:
    """Return what is to become of the module at each path, in the same words for all that get the same."""
    wanted: dict[str, Steps] = {}
    for edit in edits:
        match edit:
            case Swap(path=path, other=other):
                wanted.setdefault(path, []).append(_site(report, other))
                wanted.setdefault(other, []).append(_site(report, path))
            case SetArguments() | Replace() | Delete():
                steps, step = wanted.setdefault(edit.path, []), replace(edit, path="")
                steps += [step] * (step not in steps)
    return wanted


def _edits_of(report: Report, code: str) -> list[Edit]:
    return [edit for f in report.findings if f.code == code and f.fix for edit in f.fix.edits]


def _check_agrees(other: Report, site: CallSite, steps: Steps, code: str) -> None:
    """Raise unless the finding also holds, with the same fix, for all that this line makes in another model."""
    made = modules_by_site(other.call_sites).get(site)
    if not made:
        return
    found = _steps(other, _edits_of(other, code))
    modules = {module_at(other.model, path) for path, theirs in found.items() if theirs == steps}
    for path in made:
        if module_at(other.model, path) not in modules:
            raise ConvwrightError(f"{site.place} also makes `{path}` of {other.label}", hint="edit by hand")


def _action(step: Edit | CallSite, names: list[str], defaults: Mapping[str, Any], read: Read) -> Action:
    match step:
        case SetArguments(values=values):
            return setting(values, names)
        case Replace(code=code):
            return coding(code, names, defaults)
        case CallSite():
            other = cst.parse_expression(_source(step, read))
            return lambda _: other
        case _:
            return lambda _: None


def _chained(actions: list[Action]) -> Action:
    def act(call: cst.Call) -> cst.BaseExpression | None:
        result: cst.BaseExpression | None = call
        for action in actions:
            if not isinstance(result, cst.Call):
                return result
            result = action(result)
        return result

    return act


def _site(report: Report, path: str) -> CallSite:
    if path not in report.call_sites:
        raise ConvwrightError(f"`{path}` is not constructed by a line of the model's own files", hint="edit by hand")
    return report.call_sites[path]


def _span(site: CallSite, read: Read) -> SourceSpan:
    return span_of(read(site.file), site.line, site.column, site.end_line, site.end_column)


def _source(site: CallSite, read: Read) -> str:
    found: list[str] = []

    def keep(call: cst.Call) -> cst.Call:
        found.append(code_of(call))
        return call

    rewrite(read(site.file), {_span(site, read): keep})
    return found[0]


def _call(reports: tuple[Report, ...], edit: RewriteCall, code: str, read: Read) -> tuple[str, SourceSpan, Action]:
    """File, place and change of a functional call; the line must not call it for other ops, of no model."""
    op = edit.op
    if op.place is None:
        raise ConvwrightError(f"`{op.path}` calls {op.kind} inside torch", hint="edit by hand")
    for report in reports:
        same = (each for each in _edits_of(report, code) if isinstance(each, RewriteCall) and each.code == edit.code)
        covered = {each.op.index for each in same}
        graph = report.analysis.graph if report.analysis else ()
        if any(o.place == op.place and o.kind == op.kind and o.index not in covered for o in graph):
            raise ConvwrightError(f"{op.place} also runs where the finding does not hold", hint="edit by hand")
    text = read(op.place.file)
    spans = [span for name, span in calls_on(text, op.place.line) if name.rstrip("_") == op.kind]
    if len(spans) != 1:
        raise ConvwrightError(
            f"{op.place}", expected=f"one call of {op.kind}", got=str(len(spans)), hint="edit by hand"
        )
    imported = _imported(text)
    return op.place.file, spans[0], feeding(edit.code, lambda node: code_of(node).split(".")[0] in imported)


def _imported(text: str) -> set[str]:
    """Names that imports bind: what is called on them is a function, not a method of a tensor."""
    nodes = [
        node for node in ast.walk(ast.parse(text.lstrip("\ufeff"))) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return {(alias.asname or alias.name).split(".")[0] for node in nodes for alias in node.names}


def _signature(made: type) -> tuple[list[str], dict[str, Any]]:
    parameters = inspect.signature(made).parameters
    return list(parameters), {n: p.default for n, p in parameters.items() if p.default is not p.empty}
