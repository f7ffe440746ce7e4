"""Records that are made quickly are those that the constructor makes."""

import copy
import dataclasses

import pytest
import torch

from convwright.graph.quick_records import make_op, make_tensor
from convwright.graph.records import Op, Tensor

FACTS = {"id": 3, "shape": (2, 3), "stride": (3, 1), "dtype": torch.float32, "storage": 3}


def test_a_quick_tensor_is_a_tensor():
    quick, plain = make_tensor(**FACTS), Tensor(**FACTS)
    assert type(quick) is Tensor
    assert quick.to_dict() == plain.to_dict() == copy.copy(quick).to_dict()
    assert quick != plain  # equal only to itself
    assert quick in {quick}


def test_a_quick_op_is_an_op():
    facts = {"index": 0, "kind": "relu", "args": {}, "inputs": (), "outputs": ()}
    op = make_op(**facts, path="a", module_type="ReLU", call=1, place=None)
    assert type(op) is Op
    assert not op.is_inplace
    assert dataclasses.replace(op, path="b").path == "b"


def test_it_is_locked():
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_tensor(**FACTS).shape = ()


def test_a_fact_that_has_no_default_must_be_given():
    with pytest.raises(TypeError, match="storage"):
        make_tensor(id=1, shape=(), stride=(), dtype=torch.float32)
