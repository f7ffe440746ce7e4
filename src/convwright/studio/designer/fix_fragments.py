"""Fixes of a finding as HTML: before and after, and the button that applies one."""

from typing import Any

from markupsafe import Markup

from ..shared.html import templates_beside
from .differences import differences
from .fix_preview import FixPreview, has_edits
from .knob_search import KnobChange

render = templates_beside(__file__)


def fix_parts(preview: FixPreview | None) -> dict[str, Markup]:
    """Show the changes of knobs that were found so far, the linter's own fix, and how far the search is."""
    if preview is None:
        return {"fix": Markup(), "searching": Markup()}
    first, source, search = preview.group.first, preview.source, preview.search
    fix = render(
        "fix.html.j2",
        code=first.code,
        name=first.name,
        path=first.path,
        fix=first.fix,
        has_edits=has_edits(preview.group),
        changes=[_offer(change, preview) for change in search.best] if search else [],
        refusal=preview.refusal,
        code_of_fix=preview.code,
        edited=differences(preview.report, preview.edited) if preview.edited else None,
        has_file=source is not None,
        diff=_diff(source.diff) if source else [],
    )
    return {"fix": fix, "searching": render("searching.html.j2", search=search)}


def _offer(change: KnobChange, preview: FixPreview) -> dict[str, Any]:
    defaults = {knob.name: knob.default for knob in change.knobs}
    before, after = (defaults | design.options for design in (preview.design, change.design))
    return {
        "key": change.key,
        "order": " and ".join(f"{knob.label} to {knob.text(after[knob.name])}" for knob in change.knobs),
        "before": ", ".join(f"{knob.label} {knob.text(before[knob.name]) or 'empty'}" for knob in change.knobs),
        "found": differences(preview.report, change.report),
    }


def _diff(text: str) -> list[tuple[str, str]]:
    """Each line with what it is: "file", "place", "added", "removed" or "same"."""
    kinds = {"+++": "file", "---": "file", "@@": "place", "+": "added", "-": "removed"}
    return [
        (next((kind for start, kind in kinds.items() if line.startswith(start)), "same"), line)
        for line in text.splitlines()
    ]
