"""Notes are kept once, and name the line."""

import re

from convwright.networks.guards.guard import NetworkGuard


def test_what_is_not_done_is_noted_once():
    guard = NetworkGuard()
    for _ in range(2):
        guard.unloaded("resnet18")
        guard.note_device()
        guard.note_device()
        guard.note_download("a.zip")
    place = r"\(.*test_guard.py:\d+\)"
    assert len(guard.notes) == 3
    assert re.fullmatch(f"weights of resnet18 {place} were not loaded: fresh ones stand in", guard.notes[0])
    assert re.fullmatch(f"the move to a GPU {place} was left out: the network stays on the CPU", guard.notes[1])
    assert re.fullmatch(f"a.zip {place} was not downloaded", guard.notes[2])
    assert guard.has_unloaded
    assert re.search(r"test_guard.py:\d+ needs a GPU: .*; --import", str(guard.refusal("a GPU")))
