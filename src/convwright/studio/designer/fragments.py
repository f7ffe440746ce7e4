"""The parts of a page as HTML: what is known, in words and tables, everything in it escaped."""

from collections.abc import Mapping, Sequence
from functools import cache

from markupsafe import Markup, escape

from ...analysis.stages import stages
from ...linter import all_rules
from ...linter.report import FindingGroup
from ...reports.analysis.columns import TITLES
from ...reports.analysis.layers import stage_rows
from ...reports.analysis.picture import network_picture
from ...reports.analysis.rows import notes, total_rows
from ...reports.findings.text import counts_words, gain_words
from ..shared.html import templates_beside
from ..shared.knobs import Knob
from ..shared.view import Layer, View, place_of
from .differences import cost_ratios
from .fix_preview import has_edits

render = templates_beside(__file__)

_COLUMNS = tuple(title for title in TITLES if title != "FLOPs")  # the totals have them
_FORMATS = (("py", "Python"), ("json", "Facts (JSON)"), ("svg", "Picture (SVG)"), ("html", "Report (HTML)"))


def models_form(models: Mapping[str, Sequence[str]], *, is_pinned: bool = False) -> Markup:
    """Show the choice of a model, by family, and the buttons for the design."""
    return render("models.html.j2", models=models, is_pinned=is_pinned)


def knobs_form(knobs: Sequence[Knob], family_words: str) -> Markup:
    """Show a labeled control for each knob, at its default."""
    own, shared = ([knob for knob in knobs if knob.is_own is mine] for mine in (True, False))
    groups = [("This family" if shared else "What it takes", family_words, own), ("Every network", "", shared)]
    return render("knobs.html.j2", groups=[group for group in groups if group[2]])


def facts(view: View, base: View | None = None, *, problem: str = "") -> Markup:
    """Show the problem if there is one, the totals compared with those of `base`, and the picture."""
    rows = total_rows(view.analysis) if view.analysis else []
    return render(
        "facts.html.j2",
        label=view.label,
        problem=problem or view.problem,
        totals=rows,
        changes=cost_ratios(base.analysis if base else None, view.analysis),
        picture=network_picture(stages(view.analysis.ops)) if view.analysis else "",
    )


def layers_table(view: View, layers: Sequence[Layer]) -> Markup:
    """Show the table of layers, with a mark for each finding, and the stages."""
    most = max((layer.row.macs for layer in layers[1:]), default=0) or 1
    lines = [
        {
            "level": layer.row.level,
            "path": layer.row.paths[0],
            "cells": [cell for title, cell in zip(TITLES, layer.row.cells, strict=True) if title in _COLUMNS],
            "marks": layer.findings,
            "share": round(100 * layer.row.macs / most) if layer.row.level else 0,
        }
        for layer in layers
    ]
    return render(
        "layers.html.j2",
        titles=_COLUMNS,
        right=range(3, len(_COLUMNS)),
        layers=lines,
        stages=[row.cells for row in stage_rows(view.analysis)] if view.analysis else [],
        notes=notes(view.analysis) if view.analysis else [],
    )


def findings_list(view: View, layers: Sequence[Layer], *, has_knobs: bool = False, can_undo: bool = False) -> Markup:
    """Show the findings with their reasons, a link to the layer, and a button that fixes it."""
    found = [
        _finding(group, layers, has_source=view.has_source) | {"button": _button(group, has_knobs=has_knobs)}
        for group in view.findings
    ]
    return render(
        "findings.html.j2",
        findings=found,
        can_undo=can_undo,
        summary=counts_words(view.findings),
        is_known=view.analysis is not None,
    )


def code_block(code: str) -> Markup:
    """Show the code to copy, if there is any, and the files to download."""
    return render("code.html.j2", code=code, formats=_FORMATS[0 if code else 1 :])


def spoken(view: View) -> Markup:
    """Return a sentence for screen readers."""
    if view.analysis is None:
        return escape(view.problem)
    rows = {name: read for name, read, _ in total_rows(view.analysis)}
    return escape(f"{view.label}: {rows['parameters']} parameters, {rows['MACs']}MACs, {counts_words(view.findings)}")


def _button(group: FindingGroup, *, has_knobs: bool) -> str:
    """Return the label of a fix button: how safe the fix is, or that knobs are tried; "" for no button."""
    if group.first.fix and has_edits(group):
        return f"Fix ({group.first.fix.safety}) ..."
    return "Fix by a knob ..." if has_knobs else ""


def _finding(group: FindingGroup, layers: Sequence[Layer], *, has_source: bool) -> dict[str, object]:
    first, page = group.first, _page(group.first.code)
    where = [f"built at {first.built}"] * bool(has_source and first.built)
    where += [f"called at {first.called}"] * bool(has_source and first.called)
    places = [f"{len(group.paths)} places"] * (len(group.paths) > 1)
    return {
        "code": first.code,
        "name": first.name,
        "severity": str(first.severity),
        "path": first.path,
        "message": first.message,
        "layer": place_of(layers, first.path),
        "more": "; ".join(places + where),
        "gain": gain_words(group.gain),
        "fix": first.fix.summary if first.fix else "",
        "safety": f"Fix, {first.fix.safety}:" if first.fix and first.fix.edits else "Suggestion:",
        "why": page.get("why", page["what"]),
        "source": page.get("source", ""),
    }


@cache
def _page(code: str) -> Mapping[str, str]:
    return all_rules()[code].page()
