"""Arguments have torch's names, every default, one tuple entry an axis, and dims from the front."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convwright.graph import trace
from convwright.graph.kinds import kind_of
from convwright.graph.signatures import signature_of


class Call(nn.Module):
    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Any:
        return self.function(x)


def args_of(function: Any, shape: tuple[int, ...] = (2, 4, 8, 8)) -> dict[str, Any]:
    op = trace(Call(function), shape).ops[-1]
    return {name: value for name, value in op.args.items() if type(value).__name__ != "Tensor"}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            lambda x: F.conv2d(x, torch.ones(6, 2, 3, 5), stride=2, groups=2),
            {"bias": None, "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "groups": 2, "kernel_size": (3, 5)},
        ),
        (nn.Conv2d(4, 2, 3, padding="same"), {"padding": "same", "kernel_size": (3, 3)}),
        (nn.Conv2d(4, 2, 3, padding="valid"), {"padding": (0, 0)}),
        (nn.ConvTranspose2d(4, 2, 3, 2, 1, 1), {"stride": (2, 2), "output_padding": (1, 1), "kernel_size": (3, 3)}),
        (nn.MaxPool2d(3), {"kernel_size": (3, 3), "stride": (3, 3), "padding": (0, 0), "ceil_mode": False}),
        (lambda x: F.avg_pool2d(x, [2], 1), {"kernel_size": (2, 2), "stride": (1, 1), "count_include_pad": True}),
        (lambda x: torch.max_pool2d(x, 2), {"stride": (2, 2), "dilation": (1, 1)}),
        (nn.AdaptiveAvgPool2d((None, 3)), {"output_size": (8, 3)}),
        (nn.AdaptiveMaxPool2d(1), {"output_size": (1, 1), "return_indices": False}),
        (lambda x: F.batch_norm(x, torch.zeros(4), torch.ones(4)), {"training": False, "momentum": 0.1, "eps": 1e-5}),
        (
            lambda x: torch.batch_norm(x, None, None, torch.zeros(4), torch.ones(4), False, 0.2, 1e-3, False),
            {"weight": None, "training": False, "momentum": 0.2, "eps": 1e-3},
        ),
        (nn.Dropout(0.2), {"p": 0.2, "training": True, "inplace": False}),
        (lambda x: torch.dropout(x, 0.3, train=False), {"p": 0.3, "training": False}),
        (nn.GroupNorm(2, 4), {"num_groups": 2, "eps": 1e-5}),
        (nn.LeakyReLU(), {"negative_slope": 0.01, "inplace": False}),
        (nn.GELU("tanh"), {"approximate": "tanh"}),
        (lambda x: torch.cat((x, x), -3), {"dim": 1}),
        (lambda x: torch.stack([x, x], dim=-1), {"dim": 4}),
        (lambda x: x.unsqueeze(-1), {"dim": 4}),
        (lambda x: x.flatten(1), {"start_dim": 1, "end_dim": 3}),
        (lambda x: x.mean([-1, -2], keepdim=True), {"dim": (3, 2), "keepdim": True, "dtype": None}),
        (lambda x: x.mean(axis=1), {"dim": 1}),
        (lambda x: x.mean(), {"dim": None, "keepdim": False}),
        (lambda x: x.view(2, -1), {"size": (2, -1)}),
        (lambda x: x.view((2, -1)), {"size": (2, -1)}),
        (lambda x: x.reshape(shape=(2, -1)), {"shape": (2, -1)}),
        (lambda x: x.permute(0, 2, -1, 1), {"dims": (0, 2, 3, 1)}),
        (lambda x: x.transpose(-1, 1), {"dim0": 3, "dim1": 1}),
        (lambda x: F.softmax(x, -1), {"dim": 3, "dtype": None}),
        (lambda x: x.add(1, alpha=2), {"other": 1, "alpha": 2}),
        (lambda x: 3 - x, {"input": 3, "alpha": 1}),
        (lambda x: x[:, None, 1:], {"index": (slice(None), None, slice(1, None))}),
        (lambda x: x.topk(2, -1)[0], {"k": 2, "dim": 3, "largest": True}),
        (lambda x: x.clip(0, 6), {"min": 0, "max": 6}),
        (lambda x: F.pad(x, (1, 1)), {"pad": (1, 1), "mode": "constant", "value": None}),
        (lambda x: F.interpolate(x, scale_factor=2), {"size": None, "scale_factor": 2, "mode": "nearest"}),
        (lambda x: F.pixel_shuffle(x, 2), {"upscale_factor": 2}),
        (lambda x: torch.roll(x, (1, 2), (2, 3)), {"shifts": (1, 2), "dims": (2, 3)}),
    ],
)
def test_canonical_arguments(function: Any, expected: dict[str, Any]) -> None:
    args = args_of(function)
    assert {name: args.get(name, "absent") for name in expected} == expected


def test_windows_have_one_entry_an_axis() -> None:
    assert args_of(nn.MaxPool1d(2), (1, 2, 8))["kernel_size"] == (2,)
    assert args_of(nn.AvgPool3d(2), (1, 2, 8, 8, 8))["stride"] == (2, 2, 2)


def test_an_operator_without_a_written_signature_takes_its_schema() -> None:
    assert signature_of(torch.baddbmm, kind_of(torch.baddbmm)).names[:3] == ["input", "batch1", "batch2"]


def test_a_list_of_positions_is_not_a_position_on_each_axis() -> None:
    indices = [[0, 1], (0, 1), (slice(None), [0, 1]), [[0, 1], [1, 0]], [True, False], ([0, 1], 2)]
    args = [args_of(lambda x, index=index: x[index])["index"] for index in indices]
    assert args == [
        ((0, 1),),
        (0, 1),
        (slice(None), (0, 1)),
        (((0, 1), (1, 0)),),
        ((True, False),),
        ((0, 1), 2),
    ]


def test_loose_tensors_are_operands_too() -> None:
    for spelling in (lambda x: torch.einsum("nchw,ncij->nhi", x, x), lambda x: torch.einsum("nchw,ncij->nhi", [x, x])):
        op = trace(Call(spelling), (2, 4, 8, 8)).ops[0]
        assert (op.args["equation"], len(op.inputs)) == ("nchw,ncij->nhi", 2)
    assert len(trace(Call(lambda x: torch.broadcast_tensors(x, x[:1])), (2, 4, 8, 8)).ops[-1].inputs) == 2
