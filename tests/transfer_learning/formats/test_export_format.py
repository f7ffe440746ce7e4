"""A format is a value: another one is made of it with one field changed."""

from dataclasses import FrozenInstanceError, replace

import pytest

from convwright.transfer_learning.formats import formats


def test_a_format_cannot_be_changed_in_place():
    kind = formats()["torch-export"]
    with pytest.raises(FrozenInstanceError):
        kind.suffix = ".pt"
    assert (replace(kind, suffix=".pt").suffix, kind.suffix, kind.packages) == (".pt", ".pt2", ())
