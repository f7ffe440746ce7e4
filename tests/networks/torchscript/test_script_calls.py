"""Operators of TorchScript call Python on plain values, and torch's Python functions on tensors."""

import pytest
import torch
import torch.nn.functional as F

from convwright.networks.torchscript.script_calls import UnknownOperatorError, call_operator

X = torch.arange(32.0).reshape(1, 2, 4, 4)


def test_plain_values():
    assert call_operator("aten::floordiv", ["a", "b"], [7, 2]) == 3
    assert call_operator("aten::append", ["self", "el"], [[1], 2]) == [1, 2]
    assert call_operator("aten::__getitem__", ["list", "idx"], [[4, 5], 1]) == 5


def test_questions_to_a_tensor():
    assert call_operator("aten::size", ["self", "dim"], [X, 1]) == 2
    assert call_operator("aten::size", ["self"], [X]) == [1, 2, 4, 4]
    assert call_operator("aten::Int", ["a"], [torch.tensor(3)]) == 3


def test_arguments_have_torchs_names_and_places():
    names = ["self", "kernel_size", "stride", "padding", "dilation", "ceil_mode"]
    found = call_operator("aten::max_pool2d", names, [X, [2, 2], [2, 2], [0, 0], [1, 1], False])
    assert torch.equal(found, F.max_pool2d(X, 2))
    assert torch.equal(call_operator("aten::add", ["self", "other", "*alpha"], [X, X, 2]), 3 * X)
    assert call_operator("aten::zeros", ["size", "*dtype", "*layout"], [[2], 4, 0]).dtype == torch.int64
    changed = X.clone()
    call_operator("aten::hardtanh_", ["self", "min_val", "max_val"], [changed, 0.0, 6.0])
    assert changed.max() == 6


def test_resizing_is_one_function():
    names = ["self", "output_size", "align_corners", "scales_h", "scales_w"]
    found = call_operator("aten::upsample_bilinear2d", names, [X, [8, 8], True, None, None])
    assert torch.equal(found, F.interpolate(X, size=(8, 8), mode="bilinear", align_corners=True))
    found = call_operator("aten::_upsample_nearest_exact2d", ["input", "output_size", "scales"], [X, [3, 3], None])
    assert torch.equal(found, F.interpolate(X, size=(3, 3), mode="nearest-exact"))


def test_one_operator_is_every_convolution():
    names = [
        "input",
        "weight",
        "bias",
        "stride",
        "padding",
        "dilation",
        "transposed",
        "output_padding",
        "groups",
        "a",
        "b",
        "c",
        "d",
    ]
    weight = torch.ones(2, 2, 3, 3)
    rest = [[0, 0], 1, False, False, True, True]
    found = call_operator("aten::_convolution", names, [X, weight, None, [1, 1], [1, 1], [1, 1], False, *rest])
    assert torch.equal(found, F.conv2d(X, weight, padding=1))
    found = call_operator("aten::_convolution", names, [X, weight, None, [2, 2], [0, 0], [1, 1], True, *rest])
    assert torch.equal(found, F.conv_transpose2d(X, weight, stride=2))


def test_an_operator_that_torch_has_no_function_for_is_named():
    with pytest.raises(UnknownOperatorError, match="aten::no_such_thing"):
        call_operator("aten::no_such_thing", ["self"], [X])
