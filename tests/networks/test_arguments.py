"""Arguments as typed and mistyped."""

import pytest
from torch import nn

from convwright.errors import ConvwrightError
from convwright.networks import parse_arguments
from convwright.networks.arguments import check_arguments, default_arguments, missing_error


def make(width, *layers, depth=2, **more):
    return width, layers, depth, more


def test_arguments() -> None:
    assert parse_arguments(["a=1", "b=[1, 'x']", "c=relu", "d=a=b"]) == {"a": 1, "b": [1, "x"], "c": "relu", "d": "a=b"}
    with pytest.raises(ConvwrightError, match="name=value"):
        parse_arguments(["width"])


def test_an_argument_it_does_not_take() -> None:
    with pytest.raises(ConvwrightError, match=r"unknown argument of net 'widht'.*did you mean width"):
        check_arguments(lambda width: width, {"widht": 3}, "net")


def test_an_argument_that_is_missing() -> None:
    check_arguments(make, {"width": 1, "anything": 2}, "net")
    with pytest.raises(ConvwrightError, match="net needs an argument: expected width; add --arg width="):
        check_arguments(make, {"depth": 1}, "net")


def test_defaults() -> None:
    assert default_arguments(make) == {"depth": 2}
    assert default_arguments(nn.Identity()) == {}


def test_a_module_is_given_by_a_function() -> None:
    error = missing_error("net.py:Head", ["backbone", "width"], modules=["backbone"])
    assert error.hint == "backbone is a module: name a function that returns Head(backbone=..., width=...)"
    assert missing_error("Head", ["a", "b"], modules=["a", "b"]).hint.startswith("a and b are modules: ")
