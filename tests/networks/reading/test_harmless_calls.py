"""Calls of libraries that only make a value."""

import pytest

from convwright.networks.reading.harmless_calls import is_making, is_named_work, reason_words


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        ("torch", "zeros", True),
        ("torch", "save", False),
        ("torch.nn.modules.conv", "Conv2d", True),
        ("torch.utils.data.dataloader", "DataLoader", False),
        ("numpy", "load", False),
        ("numpy", "asarray", True),
        ("numpyro", "asarray", False),
        ("os", "getenv", True),
        ("os", "remove", False),
    ],
)
def test_makers(module, name, expected):
    assert is_making(module, name) is expected


def test_words():
    assert reason_words("parse_args", "p.parse_args") == "parses arguments"
    assert reason_words("rmtree", "shutil.rmtree") == "calls shutil.rmtree"
    assert (is_named_work("sleep"), is_named_work("rmtree")) == (True, False)
