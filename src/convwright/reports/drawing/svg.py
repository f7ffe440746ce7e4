"""The graph of a network as SVG: boxes in frames, lines between them, a legend and the totals."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup

from ... import units
from ...analysis.drawing import GraphNode, VisibleGraph
from ..to_html import render
from .boxes import SIGNS, Box, boxes, frame_title, place_of, text_width
from .layout import Layout, LayoutEngine, LineRoute

_LEGEND = {
    "conv": "convolution",
    "matrix": "matrix product",
    "norm": "normalization",
    "pool": "pooling",
    "pointwise": "pointwise",
    "data": "data movement",
    "block": "folded group",
}
_SIGN_WORDS = {"add": "addition", "concat": "concatenation", "gate": "gate"}
_HEAD, _ROW = 46.0, 18.0


def drawing(graph: VisibleGraph, engine: LayoutEngine) -> Markup:
    """Return the SVG element; it brings its style, light and dark."""
    drawn = boxes(graph)
    layout = engine.place(graph, drawn)
    head = _head(graph)
    words = [text_width(line, size) + 20 for line, size in zip(head, (16, 11), strict=True)]
    width = max(layout.width, *words, 360.0)
    legend, rows = _legend(graph, drawn, width)
    left, top = (width - layout.width) / 2, _HEAD
    height = top + layout.height + rows * _ROW + 14
    return Markup(
        '<svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" '
        'role="img" aria-label="{label}"><style>{style}</style>'
        '<text class="head" x="10" y="22">{title}</text><text class="note" x="10" y="39">{line}</text>'
        '<g transform="translate({left} {top})">{body}</g><g transform="translate(10 {bottom})">{legend}</g></svg>'
    ).format(
        w=_px(width),
        h=_px(height),
        label=f"The graph of {graph.graph.label}",
        style=style(),
        title=head[0],
        line=head[1],
        left=_px(left),
        top=_px(top),
        body=_body(graph, drawn, layout),
        bottom=_px(top + layout.height + 12),
        legend=legend,
    )


@cache
def style() -> Markup:
    """Return the style sheet of drawings."""
    return render("style.css", folders=(Path(__file__).parent,))


def hover(node: GraphNode) -> str:
    """Return the numbers of a node, a line each."""
    uncounted = f" ({units.number_of(node.uncounted_ops, 'op')} uncounted)" if node.uncounted_ops else ""
    merges = ", ".join(units.number_of(number, _SIGN_WORDS[kind]) for kind, number in (node.merges or {}).items())
    field = "x".join(map(str, node.receptive_field_px)) if node.receptive_field_px else "does not depend on an image"
    is_end = node.kind in ("input", "output")
    times = f" x {node.repeats}" if node.kind == "repeat" else ""
    rows = [
        f"{place_of(node) or node.name} {node.type or node.op}{times}".strip() or node.kind,
        f"output: {units.size(node.output_shape) or 'no tensor'}, {units.bytes_(node.output_bytes)}",
        "" if is_end else f"parameters: {node.parameters:,}",
        "" if is_end else f"MACs: {node.macs:,}{uncounted}",
        "" if is_end else f"saved for backward: {units.bytes_(node.saved_bytes)}",
        "" if is_end else f"receptive field: {field}{' px' if node.receptive_field_px else ''}",
        f"ops: {node.num_ops:,}" if node.children else "",
        merges if node.children else "",
        node.source,
    ]
    return "\n".join(row for row in rows if row)


def _head(graph: VisibleGraph) -> tuple[str, str]:
    whole, inputs = graph.graph.network, [node for node in graph.graph.nodes if node.kind == "input"]
    parameters = whole.parameters + graph.graph.unused_parameters
    parts = [
        f"{units.count(parameters)} parameters",
        units.count(whole.macs, "MACs"),
        *([f"{units.number_of(whole.uncounted_ops, 'op')} uncounted"] if whole.uncounted_ops else []),
        "input " + ", ".join(units.size(node.output_shape) for node in inputs[:3]) + (", ..." if inputs[3:] else ""),
    ]
    return graph.graph.label, " · ".join(parts)


def _body(graph: VisibleGraph, drawn: Mapping[str, Box], layout: Layout) -> Markup:
    nodes = {node.id: node for node in (*graph.nodes, *graph.frames)}
    levels = {"": 0, graph.graph.network.id: 0}
    frames = []
    for frame in graph.frames:
        levels[frame.id] = levels[frame.parent] + 1
        frames.append(_frame(frame, layout.frames[frame.id], levels[frame.id]))
    lines = sorted(layout.lines, key=lambda line: ("flow", "gate", "skip").index(line.kind))
    shapes = {(edge.source, edge.target): edge.shapes for edge in graph.edges}
    most = max((node.macs for node in graph.nodes), default=0) or 1
    parts = [
        *frames,
        *(_line(line, shapes) for line in lines),
        *(_node(nodes[name], drawn[name], at, nodes[name].macs / most) for name, at in layout.nodes.items()),
    ]
    return Markup("\n").join(parts)


def _frame(frame: GraphNode, at: tuple[float, float, float, float], level: int) -> Markup:
    x, y, width, height = at
    return Markup(
        '<g class="frame" data-id="{}"><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="8" '
        'fill="var(--{})"/><text x="{}" y="{}">{}</text></g>'
    ).format(
        frame.id,
        hover(frame),
        *map(_px, (x, y, width, height)),
        "even" if level % 2 else "odd",
        _px(x + 9),
        _px(y + 16),
        frame_title(frame),
    )


def _line(line: LineRoute, shapes: Mapping[tuple[str, str], tuple[tuple[int, ...], ...]]) -> Markup:
    carried = shapes[line.source, line.targets[0]]
    words = ", ".join(units.size(shape) or "1 value" for shape in carried)
    return Markup('<g><title>{}</title><path class="line {}" d="{}"/>{}</g>').format(
        f"{words} ({line.kind})", line.kind, _path(line), _tip(line) if line.has_arrow else ""
    )


def _path(line: LineRoute) -> str:
    (x, y), *rest = line.points
    words = [f"M{_px(x)} {_px(y)}"]
    for number, (to_x, to_y) in enumerate(rest, 1):
        if line.ends_beside and number == len(rest):
            words.append(f"Q{_px(x)} {_px(to_y)} {_px(to_x)} {_px(to_y)}")
        elif abs(to_x - x) < 0.05:
            words.append(f"V{_px(to_y)}")
        else:
            middle = _px((y + to_y) / 2)
            words.append(f"C{_px(x)} {middle} {_px(to_x)} {middle} {_px(to_x)} {_px(to_y)}")
        x, y = to_x, to_y
    return " ".join(words)


def _tip(line: LineRoute) -> Markup:
    x, y = line.points[-1]
    if line.ends_beside:
        back = 6 if line.points[-2][0] > x else -6
        corners = ((x, y), (x + back, y - 3.5), (x + back, y + 3.5))
    else:
        corners = ((x, y), (x - 3.5, y - 6), (x + 3.5, y - 6))
    points = " ".join(f"{_px(a)},{_px(b)}" for a, b in corners)
    return Markup('<polygon class="tip {}" points="{}"/>').format(line.kind, points)


def _node(node: GraphNode, box: Box, at: tuple[float, float], share: float) -> Markup:
    x, y = at
    color = "gate-box" if box.color == "gate" else box.color
    if box.is_round:
        shape = Markup('<circle cx="{}" cy="{}" r="{}"/><text class="sign" x="{}" y="{}">{}</text>').format(
            _px(x), _px(y), _px(box.width / 2), _px(x), _px(y + 4.5), box.title
        )
    else:
        shape = _rectangle(node, box, x, y, share)
    return Markup('<g class="node {}" data-id="{}"><title>{}</title>{}</g>').format(color, node.id, hover(node), shape)


def _rectangle(node: GraphNode, box: Box, x: float, y: float, share: float) -> Markup:
    left, top = x - box.width / 2, y - box.height / 2
    parts = []
    if node.children and node.kind != "layer":  # a folded group is a pile of boxes
        parts.append(
            Markup('<rect class="stack" x="{}" y="{}" width="{}" height="{}" rx="6"/>').format(
                *map(_px, (left + 3.5, top + 3.5, box.width, box.height))
            )
        )
    parts.append(
        Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="6"/>').format(
            *map(_px, (left, top, box.width, box.height))
        )
    )
    if share * (box.width - 12) >= 1:
        parts.append(
            Markup('<rect class="bar" x="{}" y="{}" width="{}" height="2.5" rx="1"/>').format(
                _px(left + 6), _px(top + box.height - 4.5), _px(share * (box.width - 12))
            )
        )
    badges = "".join(SIGNS[kind] for kind in node.merges or {}) if node.children else ""
    title = f"{box.title}  {badges}" if badges else box.title
    parts.append(Markup('<text class="title" x="{}" y="{}">{}</text>').format(_px(x), _px(top + 15), title))
    for number, line in enumerate(box.lines):
        at = top + 29 + 13.5 * number
        parts.append(Markup('<text class="small" x="{}" y="{}">{}</text>').format(_px(x), _px(at), line))
    return Markup().join(parts)


def _legend(graph: VisibleGraph, drawn: Mapping[str, Box], width: float) -> tuple[Markup, int]:
    """Return the legend of what is there, and its number of rows."""
    colors = {box.color for box in drawn.values()}
    merges = [kind for kind in SIGNS if any(kind in (node.merges or {}) or node.kind == kind for node in graph.nodes)]
    entries = [(name, words, "") for name, words in _LEGEND.items() if name in colors]
    entries += [(kind if kind != "gate" else "gate-box", _SIGN_WORDS[kind], SIGNS[kind]) for kind in merges]
    entries += [("line", "skip", "")] if any(edge.kind == "skip" for edge in graph.edges) else []
    entries += [("bar", "bar in a box: its MACs, compared with the largest", "")]
    return _legend_rows(entries, width)


def _legend_rows(entries: Sequence[tuple[str, str, str]], width: float) -> tuple[Markup, int]:
    parts, x, row = [], 0.0, 0
    for color, words, sign in entries:
        mark, indent = "", 0.0 if color == "bar" else 18.0
        space = indent + text_width(words, 11) + 14
        if x and x + space > width - 20:
            x, row = 0.0, row + 1
        y = row * _ROW
        if color == "line":
            mark = Markup('<path class="line skip" d="M{} {}h13"/>').format(_px(x), _px(y + 5))
        elif sign:
            mark = Markup(
                '<g class="{}"><circle cx="{}" cy="{}" r="6.5"/><text x="{}" y="{}" font-size="10">{}</text></g>'
            )
            mark = mark.format(color, _px(x + 6.5), _px(y + 5), _px(x + 6.5), _px(y + 8.5), sign)
        elif color != "bar":
            mark = Markup('<g class="{}"><rect x="{}" y="{}" width="13" height="10" rx="2"/></g>')
            mark = mark.format(color, _px(x), _px(y))
        parts.append(
            Markup('{}<text class="note" x="{}" y="{}">{}</text>').format(mark, _px(x + indent), _px(y + 9), words)
        )
        x += space
    return Markup().join(parts), row + 1


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
