"""Colors that can be told apart, also where red and green cannot."""

from itertools import combinations

from convwright.reports.palette import LINES, MARKERS, ON_PAPER


def without_red(color):
    """What an eye without the red cones sees, roughly: by Viénot, Brettel and Mollon 1999, table 2 (linear light)."""
    r, g, b = ((int(color[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5))
    return 0.11238 * r + 0.88762 * g, 0.00401 * r - 0.00401 * g + b


def test_every_pair_stays_apart_without_red():
    for one, other in combinations(map(without_red, ON_PAPER), 2):
        assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.05


def test_what_repeats_a_color_differs_otherwise():
    styles = {(ON_PAPER[i % len(ON_PAPER)], MARKERS[i % len(MARKERS)]) for i in range(40)}
    assert len(styles) == 40
    assert len(set(MARKERS)) == len(MARKERS)
    assert len(set(LINES)) == len(LINES)
