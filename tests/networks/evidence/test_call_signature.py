"""Signatures of constructors that pass on what they gather."""

import pytest
from torch import nn

from convwright.networks.evidence.call_signature import call_signature


class Base:
    def __init__(self, width, depth=2, *, bias=True):
        self.sizes = width, depth, bias


class Keywords(Base):
    def __init__(self, num_classes=10, **options):
        super().__init__(num_classes, **options)


class Both(Base):
    def __init__(self, *args, **kwargs):
        print("made")
        super().__init__(*args, **kwargs)


class Beside(Base):
    def __init__(self, name, *args, **kwargs):
        super().__init__(*args, depth=3, **kwargs)
        self.name = name


class Inherited(Both): ...


class Kept(Base):
    def __init__(self, *args, **options):
        super().__init__(*args)
        self.options = options


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (Base, "(width, depth=2, *, bias=True)"),
        (Keywords, "(num_classes=10, *, depth=2, bias=True)"),
        (Both, "(width, depth=2, *, bias=True)"),
        (Inherited, "(width, depth=2, *, bias=True)"),
        (Beside, "(name, *, width, bias=True)"),
        (Kept, "(*args, **options)"),
    ],
)
def test_parameters(kind, parameters):
    assert str(call_signature(kind)) == parameters


def test_layers_of_torch():
    needed = [each.name for each in call_signature(nn.LSTM).parameters.values() if each.default is each.empty]
    assert needed == ["input_size", "hidden_size"]
