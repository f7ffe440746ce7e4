"""The device that is asked for."""

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.training.devices import find_device


@pytest.mark.parametrize(("has_gpu", "found"), [(True, "cuda"), (False, "cpu")])
def test_auto_takes_a_gpu_where_there_is_one(monkeypatch, has_gpu, found):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert find_device("auto") == found


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_what_torch_does_not_find_is_refused(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ConvwrightError, match=f"device {name}: got none"):
        find_device(name)


def test_another_word_is_refused():
    with pytest.raises(ConvwrightError, match="gpu"):
        find_device("gpu")
