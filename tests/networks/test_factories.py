"""Factories, found and called."""

import pytest
from torch import nn

from convwright.errors import ConvwrightError
from convwright.networks.factories import call_factory, find_factory


@pytest.mark.usefixtures("net")
def test_a_name_that_is_no_factory_has_the_files_own_for_neighbours() -> None:
    assert find_factory("net.py", "small")().conv.out_channels == 5
    with pytest.raises(ConvwrightError, match=r"unknown factory in net.py 'smal'.*did you mean small"):
        find_factory("net.py", "smal")


def test_a_module_is_its_own_factory() -> None:
    module = nn.Identity()
    assert call_factory(module, {"anything": 1}, "net") is module


def test_errors_of_the_house_pass_as_they_are() -> None:
    def refuses() -> nn.Module:
        raise ConvwrightError("no such width")

    with pytest.raises(ConvwrightError, match=r"^no such width$"):
        call_factory(refuses, {}, "net")
