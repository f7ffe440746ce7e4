"""The line that built a module, however it was assigned."""

from collections import OrderedDict

import pytest
from torch import Tensor, nn

from convwright.graph import trace


class Base(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inherited = nn.Conv2d(3, 3, 1)


class Net(Base):
    def __init__(self, deep: bool = True) -> None:
        super().__init__()
        self.plain = nn.Conv2d(3, 3, 1)
        self.body = nn.Sequential(
            nn.Conv2d(3, 3, 1),
            nn.Sequential(
                nn.BatchNorm2d(3),
                nn.ReLU(),
            ),
        )
        self.named = nn.Sequential(
            OrderedDict(
                [
                    ("first", nn.Conv2d(3, 3, 1)),
                    ("second", nn.ReLU()),
                ]
            )
        )
        self.by_name = nn.ModuleDict(
            {
                "a": nn.ReLU(),
                "b": nn.Identity(),
            }
        )
        self.listed = nn.ModuleList(
            [
                nn.ReLU(),
                nn.Identity(),
            ]
        )
        self.repeated = nn.ModuleList([nn.ReLU() for _ in range(3)])
        if deep:
            self.either = nn.Conv2d(3, 3, 1)
        else:
            self.either = nn.Identity()
        self.add_module("added", nn.Conv2d(3, 3, 1))
        for name in ("x",):
            setattr(self, name, nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        return x * 2


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("plain", "self.plain = nn.Conv2d(3, 3, 1)"),
        ("inherited", "self.inherited = nn.Conv2d(3, 3, 1)"),
        ("body", "self.body = nn.Sequential("),
        ("body.0", "nn.Conv2d(3, 3, 1),"),
        ("body.1.0", "nn.BatchNorm2d(3),"),
        ("body.1.1", "nn.ReLU(),"),
        ("named.first", '("first", nn.Conv2d(3, 3, 1)),'),
        ("named.second", '("second", nn.ReLU()),'),
        ("by_name.b", '"b": nn.Identity(),'),
        ("listed.1", "nn.Identity(),"),
        ("repeated.2", "self.repeated = nn.ModuleList([nn.ReLU() for _ in range(3)])"),
        ("either", "self.either = nn.Conv2d(3, 3, 1)"),
        ("added", 'self.add_module("added", nn.Conv2d(3, 3, 1))'),
    ],
)
def test_the_line_that_built_it(path: str, text: str) -> None:
    place = trace(Net(), (1, 3, 4, 4)).constructed(path)
    assert place is not None
    with open(place.file) as file:
        assert file.read().splitlines()[place.line - 1].strip() == text


def test_the_other_branch_of_an_if() -> None:
    shallow, deep = (trace(Net(deep), (1, 3, 4, 4)).constructed("either") for deep in (False, True))
    assert shallow is not None
    assert deep is not None
    assert shallow.line == deep.line + 2


@pytest.mark.parametrize("path", ["", "x"])
def test_what_the_source_does_not_say(path: str) -> None:
    assert trace(Net(), (1, 3, 4, 4)).constructed(path) is None


def test_classes_without_source() -> None:
    space: dict[str, type] = {}
    source = "class N(M):\n  def __init__(self):\n    super().__init__()\n    self.r = nn.ReLU()\n"
    exec(source + "  def forward(self, x): return self.r(x)", {"M": nn.Module, "nn": nn}, space)
    graph = trace(space["N"](), (1, 3))
    assert graph.constructed("r") is None
    assert graph.ops[0].place is not None
    assert graph.ops[0].place.file == "<string>"
