"""Work in pieces: in order, and stopped by the first error."""

import threading

import pytest

from convwright.data.parallel import in_pieces


def test_pieces_come_in_order_and_cover_all():
    assert [number for piece in in_pieces(list, 1000, "listing") for number in piece] == list(range(1000))
    assert list(in_pieces(list, 0, "listing")) == []


def test_an_error_stops_what_has_not_begun():
    seen, first = [], threading.Event()

    def task(piece):
        seen.append(piece.start)
        if piece.start == 0:
            first.set()
            raise ValueError("no")
        first.wait()

    with pytest.raises(ValueError, match="no"):
        list(in_pieces(task, 128 * 10_000, "failing"))
    assert len(seen) < 10_000
