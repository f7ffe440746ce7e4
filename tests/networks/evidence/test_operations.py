"""Operators and containers."""

import ast

import pytest

from convwright.networks.evidence.operations import carry_out, unpacked


def value(node):
    return carry_out(node, value)


@pytest.mark.parametrize(
    "text",
    [
        "-1 + 2 * 3 // 2 % 5",
        "[*'ab', 1]",
        "{1, 2} | {3}",
        "1 if [] else 2",
        "(1, 2, 3)[::2]",
        "3 not in (1, 2)",
        "1 or 2",
    ],
)
def test_operations_are_those_of_python(text):
    assert value(ast.parse(text, mode="eval").body) == eval(text)


@pytest.mark.parametrize("text", ["x", "f(1)", "2 ** 100000", "'a' * 10 ** 8", "1 << 1000"])
def test_what_is_not_carried_out(text):
    with pytest.raises(LookupError):
        value(ast.parse(text, mode="eval").body)


def test_items_with_a_star():
    assert list(unpacked(ast.parse("[1, *[2, 3]]", mode="eval").body.elts, value)) == [1, 2, 3]
