"""Boxes of a drawing: the words in each, and the size that they need."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ... import units
from ...analysis.drawing import GraphNode, VisibleGraph
from ...analysis.drawing.branches import CONTAINERS

TITLE_PX, LINE_PX, FRAME_PX = 12.0, 10.5, 11.0  # sizes of type
MOST_CHARACTERS = 34
ROUND_PX = 20.0
SIGNS = {"add": "+", "concat": "\N{PARALLEL TO}", "gate": "\N{MULTIPLICATION SIGN}"}


@dataclass(frozen=True, kw_only=True)
class Box:
    """A node as it is drawn.

    Attributes
    ----------
    title : str
        First line; the sign of a round node.
    lines : tuple of str
        Smaller lines below it.
    width, height : float
        In px.
    is_round : bool
        True for what merges branches.
    color : str
        Name of its color: "conv", "matrix", "norm", "pool", "pointwise", "data", "block", "end", "add", "concat" or
        "gate".
    """

    title: str
    lines: tuple[str, ...]
    width: float
    height: float
    is_round: bool
    color: str


def boxes(graph: VisibleGraph) -> dict[str, Box]:
    """Return the box of each visible node, by id."""
    return {node.id: box_of(node, graph.graph.by_id) for node in graph.nodes}


def box_of(node: GraphNode, by_id: Mapping[str, GraphNode]) -> Box:
    """Return the box of a node; what a folded layer is called depends on its ops."""
    if node.kind in SIGNS:
        return Box(title=SIGNS[node.kind], lines=(), width=ROUND_PX, height=ROUND_PX, is_round=True, color=node.kind)
    title, lines = _title(node, by_id), tuple(shortened(line) for line in _lines(node, by_id))
    badges = 18.0 * len(node.merges or {}) if node.children else 0.0
    widths = [text_width(title, TITLE_PX, is_bold=True) + badges, *(text_width(line, LINE_PX) for line in lines)]
    return Box(
        title=title,
        lines=lines,
        width=max(64.0, max(widths) + 20.0),
        height=22.0 + 14.0 * len(lines),
        is_round=False,
        color=color_of(node, by_id),
    )


def color_of(node: GraphNode, by_id: Mapping[str, GraphNode]) -> str:
    """Return the name of a node's color, by what it computes; that of a layer is that of its op with weights."""
    if node.kind == "layer":
        return color_of(_head(node, by_id), by_id)
    if node.kind in ("input", "output"):
        return "end"
    if node.kind != "op":
        return node.kind if node.kind in SIGNS else "block"
    if node.macs:
        return "conv" if node.settings else "matrix"
    if node.settings or "pool" in node.op or node.op == "mean":
        return "pool"
    if node.op.endswith("norm"):
        return "norm"
    return "pointwise" if node.flops else "data"


def frame_title(frame: GraphNode) -> str:
    """Return the words at the corner of a frame."""
    name = _class(frame)
    if frame.kind == "repeat":
        return shortened(f"{name or 'layer'} x {frame.repeats}")
    if frame.kind == "stage":
        size = units.size(frame.map_px) if frame.map_px and _ends_on_map(frame) else ""
        return shortened(" ".join(part for part in (size, frame.path) if part) or "head")
    return shortened(" ".join(part for part in (frame.name, name) if part))


def title_width(frame: GraphNode) -> float:
    """Return the width of a frame's title in px."""
    return text_width(frame_title(frame), FRAME_PX, is_bold=True)


def _ends_on_map(frame: GraphNode) -> bool:
    """Return True if a stage ends on a map, and not on pooled values."""
    return len(frame.output_shape) > 2 and any(side > 1 for side in frame.output_shape[2:])


def shape_words(shape: Sequence[int]) -> str:
    """Return a shape without its first axis, the batch, where there are others.

    >>> shape_words((1, 64, 56, 56)), shape_words((7,)), shape_words(())
    ('64x56x56', '7', 'no tensor')
    """
    return units.size(shape[1:] if len(shape) > 1 else shape) or ("no tensor" if not shape else "1")


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """Return about the most that a line of text takes in px: which sans-serif font a reader has is not known."""
    em = 0.0
    for letter in text:
        if not letter.isascii():
            em += 1.05
        elif letter in "iljtf.,:;'|!()[]/ ":
            em += 0.38
        else:
            em += 0.95 if letter in "mwMW@%" else 0.72 if letter.isupper() else 0.63
    return em * size * (1.06 if is_bold else 1.0)


def shortened(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return a text of at most `most` characters, its middle left out.

    >>> shortened("encoder.blocks.17.attention", 13)
    'encode…ention'
    """
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[: most - 1 - half]}…{text[-half:]}"


def settings_words(node: GraphNode) -> str:
    """Return the kernel of an op, and its stride, dilation and groups where they are not 1."""
    settings = node.settings or {}
    kernel, words = settings.get("kernel_size"), []
    if kernel:
        words.append(units.size(kernel) if isinstance(kernel, tuple) else str(kernel))
    for name, sign in (("stride", "/"), ("dilation", "dilation "), ("groups", "groups ")):
        value = settings.get(name)
        numbers = value if isinstance(value, tuple) else (value,)
        if any(isinstance(number, int) and number != 1 for number in numbers):
            words.append(sign + (str(numbers[0]) if len(set(numbers)) == 1 else units.size(numbers)))
    return " ".join(words)


def _title(node: GraphNode, by_id: Mapping[str, GraphNode]) -> str:
    if node.kind in ("input", "output"):
        return shortened(f"{node.kind} {node.name}".rstrip())
    if node.kind == "layer":
        return _title(_head(node, by_id), by_id)
    if node.kind == "op":
        return shortened(f"{node.type or node.op} {settings_words(node)}".rstrip())
    if node.kind == "stage":
        return shortened(frame_title(node))
    times = f" x {node.repeats}" if node.kind == "repeat" else ""
    member = node
    while member.kind == "repeat":
        member = by_id[member.children[0]]
    name = _title(member, by_id) if member.kind == "layer" else _class(member) or member.name or "block"
    return shortened(name, MOST_CHARACTERS - len(times)) + times


def _lines(node: GraphNode, by_id: Mapping[str, GraphNode]) -> list[str]:
    shape = shape_words(node.output_shape)
    numbers = " · ".join([shape, *([units.count(node.parameters)] if node.parameters else [])])
    if node.kind in ("input", "output"):
        return [shape]
    if node.kind == "layer":
        others = [by_id[child] for child in node.children if by_id[child].id != _head(node, by_id).id]
        return [shortened(", ".join(other.type or other.op for other in others)), numbers]
    if node.kind == "op":
        changes = node.settings or node.parameters or not node.flops or node.macs
        return [numbers] if changes else []
    second = place_of(node) if _class(node) else _contents(node, by_id)
    return [second, numbers] if second else [numbers]


def place_of(node: GraphNode) -> str:
    """Return the path of a group; of a repeat, with the names of the first and the last member."""
    around, dot, _ = node.path.rpartition(".")
    return f"{around}{dot}{node.name}" if node.kind == "repeat" and node.path else node.path


def _contents(node: GraphNode, by_id: Mapping[str, GraphNode]) -> str:
    """Return the class of the blocks in a group, if it is one, and their number."""
    blocks = Counter[str]()
    for child in (by_id[child] for child in node.children):
        if child.children:
            blocks[_class(by_id[child.children[0]] if child.kind == "repeat" else child)] += child.repeats
    (name, number), *others = blocks.most_common() or [("", 0)]
    return f"{name} x {number}" if name and not others and number > 1 else place_of(node)


def _class(node: GraphNode) -> str:
    """Return the class of a group, or "" if it only says that it is a container."""
    return "" if node.type in CONTAINERS else node.type


def _head(layer: GraphNode, by_id: Mapping[str, GraphNode]) -> GraphNode:
    inside = [by_id[child] for child in layer.children]
    return next((child for child in inside if child.macs), inside[0])
