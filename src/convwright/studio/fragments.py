"""The parts of a page as HTML: what is known, in words and tables, everything in it escaped."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from ..analysis.facts import Analysis
from ..analysis.stages import stages
from ..linter import all_rules
from ..linter.report import Folded
from ..reports.findings import counts_words, gain_words
from ..reports.picture import network_picture
from ..reports.rows import TITLES, notes, stage_rows, total_rows
from ..reports.to_html import render
from .formulas import formulas
from .knobs import Knob
from .view import Layer, View, place_of
from .zoo import TITLES as TITLES_OF_ZOO
from .zoo import Wish, Zoo, best_for_macs

TEMPLATES = Path(__file__).parent / "templates"
_COLUMNS = tuple(title for title in TITLES if title != "FLOPs")  # the totals have them
_MOST_FORMULAS = 8  # layers
_FORMATS = (("py", "Python"), ("json", "Facts (JSON)"), ("svg", "Picture (SVG)"), ("html", "Report (HTML)"))
_BOXES = (
    ("words", "name has", ""),
    ("parameters_m", "parameters, at most", "M"),
    ("macs_m", "MACs, at most", "M"),
    ("field_px", "field, at least", "px"),
)
_COMPARED = ("parameters", "MACs", "FLOPs", "weights", "peak memory, inference", "kept for backward")


def models_form(models: Mapping[str, Sequence[str]]) -> str:
    """Which model, by family."""
    return render("models.html.j2", folder=TEMPLATES, models=models)


def knobs_form(knobs: Sequence[Knob], family_words: str) -> str:
    """A labeled control for each knob, at its default."""
    own, shared = ([knob for knob in knobs if knob.is_own is mine] for mine in (True, False))
    groups = [("This family" if shared else "What it takes", family_words, own), ("Every network", "", shared)]
    return render("knobs.html.j2", folder=TEMPLATES, groups=[group for group in groups if group[2]])


def facts(view: View, base: View | None = None, *, problem: str = "") -> str:
    """What went wrong (a `problem`, or the view's own), the totals beside those of `base`, and the picture."""
    rows = total_rows(view.analysis) if view.analysis else []
    return render(
        "facts.html.j2",
        folder=TEMPLATES,
        label=view.label,
        problem=problem or view.problem,
        totals=rows,
        changes=_changes(view, base),
        # Made of numbers and escaped words only.
        picture=Markup(network_picture(stages(view.analysis.ops))) if view.analysis else "",  # noqa: S704
    )


def layers_table(view: View, layers: Sequence[Layer]) -> str:
    """The layers, each with marks for what the linter says of it, and the stages."""
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
        folder=TEMPLATES,
        titles=_COLUMNS,
        right=range(3, len(_COLUMNS)),
        layers=lines,
        stages=[row.cells for row in stage_rows(view.analysis)] if view.analysis else [],
        notes=notes(view.analysis) if view.analysis else [],
    )


def formulas_list(view: View, path: str) -> str:
    """The formulas of the layers at and below `path`; nothing for a network that has no such layer."""
    ops = view.analysis.graph.ops_in(path) if view.analysis and path else ()
    layers = [(op, found) for op in ops if (found := formulas(op))]
    return render(
        "formulas.html.j2",
        folder=TEMPLATES,
        path=path if ops else "",
        layers=layers[:_MOST_FORMULAS],
        more=len(layers[_MOST_FORMULAS:]),
    )


def findings_list(view: View, layers: Sequence[Layer]) -> str:
    """What the linter says, with the reasons, and where in the table of layers it is."""
    found = [_finding(folded, layers, has_source=view.has_source) for folded in view.findings]
    return render(
        "findings.html.j2",
        folder=TEMPLATES,
        findings=found,
        summary=counts_words(view.findings),
        is_known=view.analysis is not None,
    )


def code_block(code: str) -> str:
    """Code to read and copy, where there is any, and files to take along."""
    return render("code.html.j2", folder=TEMPLATES, code=code, formats=_FORMATS[0 if code else 1 :])


def budget_form() -> str:
    """What the table of the zoo can be asked."""
    return render("budget.html.j2", folder=TEMPLATES, boxes=_BOXES)


def zoo_table(zoo: Zoo, wish: Wish, problem: str = "") -> str:
    """The models that are within a wish."""
    rows, known = wish.of(zoo.rows), len(zoo.rows)
    looking = f"; looking at the others: {known} of {zoo.num_models} done" if known < zoo.num_models else ""
    return render(
        "zoo.html.j2",
        folder=TEMPLATES,
        problem=problem,
        said=f"{len(rows)} of {known} models{looking}",
        titles=TITLES_OF_ZOO,
        order=wish.order,
        is_falling=wish.is_falling,
        rows=rows,
        best=best_for_macs(zoo.rows),
    )


def spoken(view: View) -> str:
    """A sentence for those who hear the page, escaped."""
    if view.analysis is None:
        return escape(view.problem)
    rows = {name: read for name, read, _ in total_rows(view.analysis)}
    return escape(f"{view.label}: {rows['parameters']} parameters, {rows['MACs']}MACs, {counts_words(view.findings)}")


def _changes(view: View, base: View | None) -> Mapping[str, str]:
    """By how much the costs differ from those of `base`, as factors; nothing where they do not."""
    changes = dict.fromkeys([name for name, *_ in total_rows(view.analysis)] if view.analysis else [], "")
    if view.analysis is None or base is None or base.analysis is None:
        return changes
    for name, now, before in zip(_COMPARED, _costs(view.analysis), _costs(base.analysis), strict=True):
        if before and now != before:
            changes[name] = f"x{now / before:.3g}"
    return changes


def _costs(analysis: Analysis) -> tuple[int, ...]:
    t = analysis.totals
    return (
        t.parameters,
        t.macs,
        t.flops,
        analysis.parameters.num_bytes,
        t.peak_inference_bytes,
        t.activation_bytes,
    )


def _finding(folded: Folded, layers: Sequence[Layer], *, has_source: bool) -> Mapping[str, object]:
    first, page = folded.first, _page(folded.first.code)
    where = [f"built at {first.built}"] * bool(has_source and first.built)
    where += [f"called at {first.called}"] * bool(has_source and first.called)
    places = [f"{len(folded.paths)} places"] * (len(folded.paths) > 1)
    return {
        "code": first.code,
        "name": first.name,
        "severity": str(first.severity),
        "path": first.path,
        "message": first.message,
        "layer": place_of(layers, first.path),
        "more": "; ".join(places + where),
        "gain": gain_words(folded.gain),
        "fix": first.fix.summary if first.fix else "",
        "safety": f"Fix, {first.fix.safety}:" if first.fix and first.fix.edits else "Suggestion:",
        "why": page.get("why", page["what"]),
        "source": page.get("source", ""),
    }


@cache
def _page(code: str) -> Mapping[str, str]:
    return all_rules()[code].page()
