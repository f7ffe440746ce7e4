"""Findings in a terminal and as JSON."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ... import units
from ...errors import ConvwrightError
from ...linter.finding import Gain, Severity
from ...linter.fix_loop import FixOutcome, is_fixable
from ...linter.report import SCHEMA, FindingGroup, Report
from ..to_json import as_json

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.ADVICE: "bold cyan"}
_SHOWN_PATHS = 3


def findings_text(reports: Sequence[Report]) -> RenderableType:
    """Every finding with its numbers, its lines and its fix; a summary last. What was not done is said once a file."""
    parts: list[RenderableType] = []
    said: set[tuple[str, str]] = set()
    for report in reports:
        news = {(report.label.rpartition(":")[0], note): note for note in report.not_done}
        notes = [*(note for key, note in news.items() if key not in said), *report.assumptions]
        said |= news.keys()
        parts.append(Text.assemble((report.label, "bold"), (f" ({'; '.join(notes)})" * bool(notes), "dim")))
        parts += [_finding(folded) for folded in report.groups] or [Text("  nothing to say", style="green")]
        parts.append(Text(""))
    return Group(*parts, Text(summary(reports)))


def summary(reports: Sequence[Report]) -> str:
    """Return how many findings there are of each severity, and how many `--fix` would deal with."""
    own = [folded for report in reports if report.call_sites for folded in report.groups]
    safe = sum(is_fixable(folded, unsafe=False) for folded in own)
    unsafe = sum(is_fixable(folded, unsafe=True) for folded in own) - safe
    hints = [f"{safe} fixable with --fix"] * bool(safe)
    hints += [f"{unsafe} {'more ' * bool(safe)}with --fix --unsafe-fixes"] * bool(unsafe)
    return "; ".join([counts_words(folded for report in reports for folded in report.groups), *hints])


def counts_words(findings: Iterable[FindingGroup]) -> str:
    """Return how many findings there are of each severity: "2 warnings, 4 of advice"."""
    counts = Counter(folded.first.severity for folded in findings)
    return ", ".join(_counted(counts[severity], severity) for severity in Severity if counts[severity]) or "no findings"


def statistics_text(reports: Sequence[Report]) -> RenderableType:
    """Return a table of how often each rule fires."""
    found = [folded for report in reports for folded in report.groups]
    places = Counter({folded.first.code: 0 for folded in found})
    for folded in found:
        places[folded.first.code] += len(folded.findings)
    table = Table("rule", "name", "severity", "findings", "places", box=None, pad_edge=False, header_style="bold")
    for code, count in sorted(Counter(folded.first.code for folded in found).items()):
        first = next(folded.first for folded in found if folded.first.code == code)
        table.add_row(code, first.name, str(first.severity), str(count), str(places[code]))
    return Group(table, Text(summary(reports)))


def fixes_text(outcomes: Iterable[FixOutcome], *, is_written: bool) -> RenderableType:
    """Return what was fixed, or would be, and what was not and why."""
    lines, fixed = [], "fixed" if is_written else "would be fixed"
    for outcome in outcomes:
        first = outcome.group.first
        where = f"{first.place} " if first.place else ""
        done = (
            f"not fixed: {outcome.refusal}" if outcome.refusal else f"{fixed}: {first.fix.summary if first.fix else ''}"
        )
        lines.append(Text(f"{where}{first.code} {done}", style="yellow" if outcome.refusal else "green"))
    return Group(*lines)


def findings_json(reports: Sequence[Report], failures: Sequence[ConvwrightError] = ()) -> str:
    """The reports as JSON, under the version of their schema, with what could not be linted."""
    shown = {"reports": [report.to_dict() for report in reports], "failures": [*map(str, failures)]}
    return as_json({"schema": SCHEMA, **shown})


def gain_words(gain: Gain) -> str:
    """Return what fixing saves, or costs, in words; "" for nothing.

    >>> gain_words(Gain(parameters=64, macs=-2_000_000))
    'saves 64 parameters; costs 2.00 MMACs'
    """
    saved, spent = _amounts(gain, 1), _amounts(gain, -1)
    sentences = [f"saves {', '.join(saved)}"] * bool(saved) + [f"costs {', '.join(spent)}"] * bool(spent)
    return "; ".join(sentences)


def _amounts(gain: Gain, sign: int) -> list[str]:
    """The figures that have this sign."""
    parameters, macs, activations = sign * gain.parameters, sign * gain.macs, sign * gain.activation_bytes
    amounts = [f"{units.count(parameters)} parameters"] * (parameters > 0)
    amounts += [units.count(macs, "MACs")] * (macs > 0)
    return amounts + [f"{units.bytes_(activations)} of activations"] * (activations > 0)


def _finding(folded: FindingGroup) -> RenderableType:
    first = folded.first
    head = Text.assemble((f"{first.severity} {first.code}", _STYLES[first.severity]), f" {first.name}")
    lines = [Text.assemble((first.path or "the network", "bold"), f" {first.message}")]
    lines += [Text(_where(folded), style="dim")] if _where(folded) else []
    lines += [Text(words)] if (words := gain_words(folded.gain)) else []
    if first.fix:
        lines.append(Text.assemble((f"{_safety(folded)}: ", "green"), first.fix.summary))
    return Group(_indented(head, 2), *(_indented(line, 6) for line in lines))


def _indented(text: Text, by: int) -> Padding:
    return Padding(text, (0, 0, 0, by), expand=False)


def _safety(folded: FindingGroup) -> str:
    safety = folded.first.fix.safety if folded.first.fix else ""
    return "suggestion" if safety == "suggestion" else f"fix ({safety})"


def _where(folded: FindingGroup) -> str:
    first, paths = folded.first, folded.paths
    parts = [f"built at {first.built}"] * bool(first.built) + [f"called at {first.called}"] * bool(first.called)
    if len(paths) > 1:
        more = f", ... {paths[-1]}" if len(paths) > _SHOWN_PATHS else ""
        parts.append(f"{len(paths)} places: {', '.join(paths[:_SHOWN_PATHS])}{more}")
    return "; ".join(parts)


def _counted(number: int, severity: Severity) -> str:
    plural = "s" * (number != 1 and severity is not Severity.ADVICE)
    return f"{number} {severity}{plural}" if severity is not Severity.ADVICE else f"{number} of advice"
