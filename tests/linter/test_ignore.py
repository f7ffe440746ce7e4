"""Waivers in the source."""

import pytest

from convwright.linter import lint
from convwright.linter.ignore import waives
from reference.small_rules import at_ops, built, only_rules

__all__ = ["only_rules"]


@pytest.mark.parametrize(
    ("comment", "is_waived"),
    [
        ("# convwright: ignore", True),
        ("#convwright:ignore", True),
        ("# noqa: E501  # convwright: ignore[CW301]", True),
        ("# convwright: ignore[CW3]", True),
        ("# convwright: ignore[CW4, CW301]", True),
        ("# convwright: ignore[bias-before-norm] as in the paper", True),
        ("# convwright: ignore[CW302]", False),
        ("# convwright: ignore[CW3011]", False),
        ("# convwright: ignore[bias]", False),
        ("# convwright: ignore[]", False),
        ("# convwright: ignore[,]", False),
        ("convwright: ignore", False),
        ("# ignore", False),
    ],
)
def test_what_a_comment_waives(comment, is_waived):
    assert waives(f"x = 1  {comment}\n", "CW301", "bias-before-norm") == is_waived


NET = """
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 1){built}
        self.norm = nn.BatchNorm2d(8)
        self.several = nn.Conv2d(
            8,{inside}
            8, 1
        ){end}
        self.last = nn.BatchNorm2d(8)
    def forward(self, x):
        x = self.norm(self.first(x)){called}
        return self.last(self.several(x))
"""
WAIVER = "  # convwright: ignore[CW301]"


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("built", {"several"}),
        ("called", {"several"}),
        ("inside", {"first"}),
        ("end", {"first"}),
        ("nowhere", {"first", "several"}),
    ],
)
def test_where_a_comment_may_stand(tmp_path, where, left):
    places = dict.fromkeys(("built", "inside", "end", "called"), "") | {where: WAIVER}
    (tmp_path / "net.py").write_text(NET.format(**places))
    network = built(tmp_path / "net.py")
    found = lint(network.module, (1, 3, 8, 8), call_sites=network.call_sites).findings
    assert {each.path for each in found if each.code == "CW301"} == left


def test_a_functional_call_is_waived_on_its_line_or_where_its_block_is_built(tmp_path, only_rules):
    only_rules(at_ops("relu", lambda _: None))
    source = """
from torch import nn
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
    def forward(self, x):
        return self.conv(x).relu(){called}
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(Block(), Block(){built}
        )
"""
    found = []
    for called, at in (("", ""), ("  # convwright: ignore", ""), ("", "  # convwright: ignore[CW9]")):
        (tmp_path / "net.py").write_text(source.format(called=called, built=at))
        network = built(tmp_path / "net.py")
        found.append(len(lint(network.module, (1, 3, 8, 8), call_sites=network.call_sites).findings))
    assert found == [2, 0, 0]
