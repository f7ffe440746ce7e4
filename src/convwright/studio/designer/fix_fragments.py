"""What would fix a finding, as HTML: before and after, and the button that does it."""

from typing import Any

from ..shared.html import templates_beside
from .differences import differences
from .fix_preview import Mending, has_edits
from .knob_search import Turn

render = templates_beside(__file__)


def offers(mending: Mending) -> str:
    """The turns of knobs that were found so far, and the linter's own fix."""
    first, source = mending.folded.first, mending.source
    turns = mending.search.best if mending.search else []
    return render(
        "fix.html.j2",
        code=first.code,
        name=first.name,
        path=first.path,
        fix=first.fix,
        has_edits=has_edits(mending.folded),
        turns=[_offer(turn, mending) for turn in turns],
        refusal=mending.refusal,
        code_of_fix=mending.code,
        edited=differences(mending.report, mending.edited) if mending.edited else None,
        has_file=source is not None,
        diff=_diff(source.diff) if source else [],
    )


def searching(mending: Mending) -> str:
    """How far the search for turns is."""
    search = mending.search
    return render(
        "searching.html.j2",
        num_tried=search.num_tried if search else 0,
        num_turns=search.num_turns if search else 0,
        is_done=search is None or search.is_done,
        num_found=len(search.found) if search else 0,
    )


def _offer(turn: Turn, mending: Mending) -> dict[str, Any]:
    before, after = (
        {knob.name: knob.default for knob in turn.knobs} | design.options for design in (mending.design, turn.design)
    )
    return {
        "key": turn.key,
        "order": " and ".join(f"{knob.label} to {knob.text(after[knob.name])}" for knob in turn.knobs),
        "before": ", ".join(f"{knob.label} {knob.text(before[knob.name]) or 'empty'}" for knob in turn.knobs),
        "found": differences(mending.report, turn.report),
    }


def _diff(text: str) -> list[tuple[str, str]]:
    """Each line with what it is: "file", "place", "added", "removed" or "same"."""
    kinds = {"+++": "file", "---": "file", "@@": "place", "+": "added", "-": "removed"}
    return [
        (next((kind for start, kind in kinds.items() if line.startswith(start)), "same"), line)
        for line in text.splitlines()
    ]
