"""Parameters that take several tensors in one."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from convwright.errors import ConvwrightError
from convwright.networks.inputs.containers import Container, containers, nested


def network(forward, **parts):
    made = type("Net", (nn.Module,), {"forward": forward})()
    for name, part in parts.items():
        made.add_module(name, part)
    return made


@pytest.mark.parametrize(
    ("annotation", "kind", "keys"),
    [
        (list[Tensor], list, ()),
        ("Sequence[Tensor]", list, ()),
        (tuple[Tensor, Tensor, Tensor], tuple, ("0", "1", "2")),
        (tuple[Tensor, ...], tuple, ()),
        (OrderedDict[str, Tensor], dict, ()),
        (dict[str, Any] | None, dict, ()),
        (list, list, ()),
    ],
)
def test_annotations(annotation, kind, keys):
    def forward(self, x):
        return self, x

    forward.__annotations__["x"] = annotation
    found = containers(network(forward))["x"]
    assert (found.kind, found.keys, found.is_certain) == (kind, keys, True)


@pytest.mark.parametrize("annotation", [Tensor, list[int], Tensor | list[Tensor], torch.Size, "Sequence[Typo]"])
def test_annotations_of_something_else(annotation):
    def forward(self, x):
        return self, x[0], Sequence

    forward.__annotations__["x"] = annotation
    assert containers(network(forward)) == {}


def test_code():
    def forward(self, images, maps, x, *others):
        return self.torch.stack(images), maps["p3"], x[:, 0], others

    found = containers(network(forward))
    assert {name: each.kind for name, each in found.items()} == {"images": list, "maps": dict, "others": tuple}
    assert found["maps"].keys == ("p3",)
    assert (found["images"].is_certain, found["others"].is_certain) == (False, True)


def test_the_part_that_takes_it():
    def forward(self, pair):
        first, second = pair
        return self, first, second

    def outer(self, x, y, state):
        return self.part(x), self.part(y), self.lstm(y, state)

    found = containers(network(outer, part=network(forward), lstm=nn.LSTM(2, 2)))
    assert {name: (each.kind, each.keys) for name, each in found.items()} == {
        "x": (list, ("0", "1")),
        "y": (list, ("0", "1")),
        "state": (tuple, ("0", "1")),
    }


def test_items_by_key():
    assert nested({"0": 1, "1": 2}, Container(kind=tuple)) == (1, 2)
    assert nested({"0": 1}, Container(kind=dict)) == {"0": 1}
    assert nested((1, 3), Container(kind=dict)) == (1, 3)
    with pytest.raises(ConvwrightError, match=r"items of a list: expected 0, 1, ... in order, got 0, 2"):
        nested({"0": 1, "2": 2}, Container(kind=list))
