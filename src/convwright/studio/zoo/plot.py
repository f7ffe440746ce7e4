"""Published accuracy against a cost as a picture whose points are links: plain SVG, styled by the page."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from ... import units
from ..shared.html import templates_beside
from .table import TITLES, ZooRow, best_for

render = templates_beside(__file__)

_WIDTH, _HEIGHT = 860, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 14, 12, 44
_RADIUS, _LETTER, _LINE = 5.5, 6.7, 12  # of a point, and of its label at the size that the page gives it


@dataclass(frozen=True, kw_only=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        is_beside = self.right <= other.left or other.right <= self.left
        return not (is_beside or self.bottom <= other.top or other.bottom <= self.top)

    def holds(self, other: "_Box") -> bool:
        is_across = self.left <= other.left and other.right <= self.right
        return is_across and self.top <= other.top and other.bottom <= self.bottom


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """From values to places on an axis; logarithmic ones are given logarithms."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def zoo_plot(rows: Sequence[ZooRow], cost: str, admitted: Collection[str], picked: Collection[str]) -> Markup:
    """Draw the models with a published accuracy; nothing while none is known.

    Parameters
    ----------
    rows : sequence of ZooRow
        All models, those within the budget or not.
    cost : str
        The column that accuracy is drawn against, on a logarithmic scale.
    admitted : collection of str
        The models within the budget: their points are filled.
    picked : collection of str
        The models that were picked: their points have a ring.
    """
    known = sorted((row for row in rows if not math.isnan(row.top1_percent)), key=lambda row: _x(row, cost))
    if not known:
        return Markup()
    across = _padded([_x(row, cost) for row in known], _LEFT, _WIDTH - _RIGHT)
    up = _padded([row.top1_percent for row in known], _HEIGHT - _BOTTOM, _TOP)
    places = {row.model: (across(_x(row, cost)), up(row.top1_percent)) for row in known}
    best = [row for row in known if row.model in best_for(rows, cost)]
    line = [places[row.model] for row in best]
    labels = dict(_labels([*best, *(row for row in known if row not in best)], places, line))
    return render(
        "plot.svg.j2",
        width=_WIDTH,
        height=_HEIGHT,
        frame={"left": _LEFT, "right": _WIDTH - _RIGHT, "top": _TOP, "bottom": _HEIGHT - _BOTTOM},
        cost=TITLES[cost],
        columns=list(_columns(across)),
        lines=list(_lines(up)),
        front=" ".join(f"{x:.1f},{y:.1f}" for x, y in line),
        radius=_RADIUS,
        points=[
            {
                "model": row.model,
                "place": places[row.model],
                "words": f"{row.model}: {row.top1_percent:.2f} %, {units.count(getattr(row, cost))} {TITLES[cost]}",
                "label": labels.get(row.model),
                "is_admitted": row.model in admitted,
                "is_picked": row.model in picked,
            }
            for row in known
        ],
    )


def _x(row: ZooRow, cost: str) -> float:
    return math.log10(getattr(row, cost))


def _padded(values: Sequence[float], start: float, end: float) -> _Scale:
    """Return a scale on which the values keep away from the ends."""
    room = 0.06 * (max(values) - min(values)) or 0.5
    return _Scale(low=min(values) - room, high=max(values) + room, start=start, end=end)


def _columns(across: _Scale) -> Iterator[tuple[float, str]]:
    """Vertical lines of the grid, with what they stand for."""
    decades = range(math.floor(across.low), math.ceil(across.high) + 1)
    for value in (step * 10.0**decade for decade in decades for step in (1, 2, 5)):
        if across.low <= math.log10(value) <= across.high:
            yield across(math.log10(value)), _short(value)


def _lines(up: _Scale) -> Iterator[tuple[float, str]]:
    """Horizontal lines of the grid, with what they stand for."""
    step = next(step for step in (1, 2, 5, 10, 20) if (up.high - up.low) / step <= 10 or step == 20)
    for number in range(math.ceil(up.low / step), math.floor(up.high / step) + 1):
        yield up(number * step), str(number * step)


def _short(value: float) -> str:
    """Return a round count without its zeros.

    >>> _short(2e9), _short(5e5)
    ('2 G', '500 k')
    """
    number, _, prefix = units.count(value).partition(" ")
    return f"{float(number):g} {prefix}".rstrip()


def _labels(
    rows: Sequence[ZooRow], places: dict[str, tuple[float, float]], front: Sequence[tuple[float, float]]
) -> Iterator[tuple[str, tuple[float, float, str]]]:
    """Places of names beside their points, of the first rows first, where there is room for them."""
    taken = [_around(x, y, _RADIUS) for x, y in places.values()] + [_around(x, y, 1.0) for x, y in _along(front)]
    inside = _Box(left=_LEFT, top=_TOP, right=_WIDTH, bottom=_HEIGHT - _BOTTOM)
    for row in rows:
        (x, y), width = places[row.model], _LETTER * len(row.model)
        tried = [(x + 8, y, "start"), (x - 8 - width, y, "end"), (x + 8, y + 9, "start"), (x - 8 - width, y - 9, "end")]
        tried += [(x - width / 2, y + 14, "middle"), (x - width / 2, y - 14, "middle")]
        for left, line, anchor in tried:
            box = _Box(left=left, top=line - _LINE / 2, right=left + width, bottom=line + _LINE / 2)
            if inside.holds(box) and not any(box.meets(other) for other in taken):
                taken.append(box)
                held = {"start": left, "middle": x, "end": left + width}[anchor]  # letters are narrower than we think
                yield row.model, (held, line + 4, anchor)
                break


def _around(x: float, y: float, reach: float) -> _Box:
    return _Box(left=x - reach, top=y - reach, right=x + reach, bottom=y + reach)


def _along(line: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Places on a line, close enough that no label fits between them."""
    for (x, y), (to_x, to_y) in pairwise(line):
        steps = max(1, round(math.hypot(to_x - x, to_y - y) / 6))
        yield from ((x + (to_x - x) * n / steps, y + (to_y - y) * n / steps) for n in range(steps))
