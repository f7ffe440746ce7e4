"""What a call of an operator was given: tensors, numbers, attributes."""

import numpy as np
import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.networks.onnx_graph.node_call import NodeCall, as_tensor


def call(*inputs, **attributes):
    return NodeCall(op_type="Pad", inputs=inputs, attributes=attributes, num_outputs=1, opset=18)


def test_numbers_are_those_of_an_input_or_of_an_older_attribute():
    assert call(None, np.array([1, 2]), pads=[3]).numbers(1, "pads") == [1, 2]
    assert call(torch.ones(1), pads=[3]).numbers(1, "pads") == [3]
    assert call(None, torch.tensor([4])).numbers(1) == [4]


def test_an_operand_is_a_number_where_it_is_a_known_scalar():
    assert call(np.array(2.5)).operand(0) == 2.5
    assert torch.equal(call(np.array([2.5])).operand(0), torch.tensor([2.5], dtype=torch.float64))


def test_a_missing_input_is_an_error():
    with pytest.raises(ConvwrightError, match=r"Pad of the ONNX file.*number 2"):
        call(torch.ones(1), None).tensor(1)


def test_types_that_numpy_lacks_keep_their_numbers():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    assert torch.equal(as_tensor(np.array([1.5], ml_dtypes.bfloat16)), torch.tensor([1.5], dtype=torch.bfloat16))
    assert torch.equal(as_tensor(np.array([0.5], ml_dtypes.float8_e5m2)), torch.tensor([0.5]))
