"""Pages without a browser, drawn at once."""

from itertools import islice


def drawn(screen, steps=None):
    """Every part of a page, after so many steps of its drawing or all of them."""
    parts = {}
    for step in islice(screen.draw(), steps):
        parts |= step
    return parts
