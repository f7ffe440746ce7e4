"""Parameters that are modules."""

import ast

import pytest
from torch import nn

from convwright.networks.evidence.module_parameters import called_parameters, may_pass_on, module_parameters
from convwright.networks.reading.file_import import fresh_imports, load_file
from convwright.networks.reading.reader import file_reader


class Residual(nn.Module):
    def __init__(self, inner, scale):
        super().__init__()
        self.inner, self.scale = inner, scale
        self.body = inner

    def forward(self, x):
        return x + self.scale * self.body(x)


class Head(Residual):
    def __init__(self, backbone: nn.Module, neck, width):
        super().__init__(backbone, 1)
        self.backbone, self.neck = backbone, neck
        self.head = nn.Linear(width, neck.width)

    def forward(self, x):
        return self.head(self.neck(x))


def node(text):
    return ast.parse(text).body


def test_those_that_are_annotated_or_called():
    assert module_parameters(Residual, ["inner", "scale"]) == ["inner"]
    assert module_parameters(Head, ["backbone", "neck", "width"]) == ["backbone"]
    assert module_parameters(lambda backbone: backbone, ["backbone"]) == []


@pytest.mark.parametrize(
    ("kept", "body", "may"),
    [
        ("self.f = f", "return x + self.f(x)", True),
        ("self.f = f", "return self.head(self.f(x))", True),
        ("self.f = f", "return self.f(x)", False),  # nothing would be left
        ("self.f = f", "return x + self.f(x, 1)", False),
        ("self.f = f", "return x + self.g(x)", False),
        ("self.f = f; self.width = f.width", "return x + self.f(x)", False),
    ],
)
def test_a_module_that_returns_its_input_may_stand_in(kept, body, may, tmp_path):
    text = f"class Net:\n    def __init__(self, f):\n        {kept}\n    def forward(self, x):\n        {body}\n"
    (tmp_path / "net.py").write_text(text)
    with fresh_imports(), file_reader(str(tmp_path / "net.py")) as reader:
        assert may_pass_on("f", load_file(str(tmp_path / "net.py"), reader).Net) == may


def test_a_class_without_a_constructor():
    assert called_parameters(node("class Net:\n    def forward(self, x):\n        return self.f(x)")) == {}
