"""The network as a picture: stages as blocks sized by their maps and colored by their cost. Plain SVG."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from ... import units
from ...analysis.stages import Stage

# A single-hue ramp, light to dark: it survives printing in gray and every kind of color blindness.
_RAMP = ("#e8f0f8", "#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#084594")
_HEIGHT, _GAP, _DEPTH = 190, 26, 0.35
_MARGIN, _LABELS = 24, 66


def network_picture(stages: Sequence[Stage], *, has_hovers: bool = True) -> Markup:
    """Draw blocks from left to right: height and depth as the map's sides, width as the logarithm of its channels.

    Each block is labeled with its map, and says on hover what it costs (unless `has_hovers` is False); its color is
    its share of the MACs.
    """
    if not stages:
        return Markup()
    largest = max((stage.size_px[0] for stage in stages if stage.size_px), default=1)
    total = sum(stage.macs for stage in stages) or 1
    x, shapes = float(_MARGIN), []
    for stage in stages:
        # Square root, so that the last maps of a net that halves five times can still be seen.
        side = _HEIGHT * math.sqrt(stage.size_px[0] / largest) if stage.size_px else 26.0
        width = 8 + 7 * math.log2(max(stage.channels, 1) + 1)
        hover = Markup("<title>{}</title>").format(_hover(stage, stage.macs / total)) if has_hovers else ""
        shapes.append(Markup("<g>{}{}</g>").format(hover, _block(stage, x, side, width, stage.macs / total)))
        x += width + side * _DEPTH + _GAP
    height = _HEIGHT * (1 + _DEPTH) + _LABELS + _MARGIN
    return Markup(
        '<svg class="network" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="The network in stages">{}</svg>'
    ).format(x, height, Markup().join(shapes))


def network_file(stages: Sequence[Stage]) -> str:
    """Draw the same as an SVG file that opens alone."""
    style = "text{font:11px sans-serif;text-anchor:middle}polygon{stroke:#1b2733;stroke-width:.8;stroke-linejoin:round}"
    start, _, rest = str(network_picture(stages)).partition(">")
    return f'{start} xmlns="http://www.w3.org/2000/svg"><style>{style}</style>{rest}\n' if start else ""


def _block(stage: Stage, x: float, side: float, width: float, share: float) -> Markup:
    lift = side * _DEPTH
    bottom = _HEIGHT * (1 + _DEPTH) / 2 + side / 2 + lift / 2 + 8
    left, right, top = x, x + width, bottom - side
    color = _RAMP[min(int(share * 2 * len(_RAMP)), len(_RAMP) - 1)]
    faces = (
        ((left, top), (right, top), (right, bottom), (left, bottom)),  # front
        ((left, top), (left + lift, top - lift), (right + lift, top - lift), (right, top)),  # roof
        ((right, top), (right + lift, top - lift), (right + lift, bottom - lift), (right, bottom)),  # wall
    )
    drawn = Markup().join(
        Markup('<polygon points="{}" fill="{}"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y in face), color)
        for face in faces
    )
    size = units.size(stage.size_px) if stage.size_px else ""
    base = _HEIGHT * (1 + _DEPTH) + 24
    return drawn + Markup().join(
        Markup('<text x="{:.1f}" y="{:.0f}">{}</text>').format(x + width / 2, base + 15 * line, text)
        for line, text in enumerate((str(stage.channels), size, units.percent(share)))
        if text
    )


def _hover(stage: Stage, share: float) -> str:
    field = "x".join(map(str, stage.receptive_field_px)) if stage.receptive_field_px else "none"
    return "\n".join(
        (
            f"{stage.first_path or 'input'} .. {stage.last_path or 'output'}",
            f"{stage.channels} channels of {units.size(stage.size_px) or 'one value'}",
            f"{stage.num_ops} ops, {units.count(stage.parameters)} parameters",
            f"{units.count(stage.macs, 'MACs')} ({units.percent(share)} of all)",
            f"receptive field at its end: {field} px",
        )
    )
