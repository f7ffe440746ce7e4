"""Factories, found and called."""

import pytest
from torch import nn

from convwright.errors import ConvwrightError
from convwright.networks.factories import call_factory, find_factory
from convwright.networks.guards.guard import NetworkGuard


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


def test_a_refusal_is_found_in_what_a_library_makes_of_it() -> None:
    def fetches() -> nn.Module:
        try:
            raise NetworkGuard().refusal("config.json")
        except ConvwrightError as error:
            raise OSError("we could not connect") from error

    with pytest.raises(ConvwrightError, match=r"^.*test_factories.py:\d+ needs config.json: expected .*--import[^:]*$"):
        call_factory(fetches, {}, "net")


def test_a_module_without_the_init_of_its_base() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.width = 3

    with pytest.raises(ConvwrightError, match=r"net is no module yet; begin its __init__ with super"):
        call_factory(Net, {}, "net")
