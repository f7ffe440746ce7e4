"""The peak is what a block holds at once, whatever it gave back and whatever was there before."""

import sys

import pytest
import torch

from convwright.transfer_learning.peak_memory import peak_memory

MIB = 2**20
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


def test_what_was_given_back_counts_and_what_came_before_does_not():
    before = torch.ones(64 * MIB, dtype=torch.uint8)
    with peak_memory(torch.device("cpu")) as peak:
        torch.ones(128 * MIB, dtype=torch.uint8)
        held = torch.ones(MIB, dtype=torch.uint8)
    assert 120 * MIB < peak.bytes < 160 * MIB
    with peak_memory(torch.device("cpu")) as later:
        assert len(held) + len(before) == 65 * MIB
    assert later.bytes < 8 * MIB


def test_a_system_that_does_not_tell_gives_none(monkeypatch, tmp_path):
    monkeypatch.setattr("convwright.transfer_learning.peak_memory._RESET", tmp_path / "no/such/file")
    with peak_memory(torch.device("cpu")) as peak:
        pass
    assert peak.bytes is None
