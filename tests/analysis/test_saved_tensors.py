"""What each rule says autograd keeps, held to what autograd saves on real tensors, kind by kind."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convwright.analysis.memory import measure_memory
from convwright.analysis.saved_tensors import GRADIENT_RULES, OP_RULES
from convwright.graph import trace

SHAPE = (2, 8, 6, 6)
Layer = Callable[[Tensor], Any]


class Behind(nn.Module):
    """A convolution, then a function of its result, in place or not."""

    def __init__(self, function: Layer) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 1)
        self.norm = nn.BatchNorm2d(8)
        self.scale = nn.Parameter(torch.ones(8, 1, 1))
        self.function = function

    def forward(self, x: Tensor) -> Any:
        return self.function(self.conv(x))


EXACT: dict[str, Layer] = {
    "relu": F.relu,
    "relu_": F.relu_,
    "silu": F.silu,
    "silu_": lambda x: F.silu(x, inplace=True),
    "hardswish": F.hardswish,
    "hardswish_": lambda x: F.hardswish(x, inplace=True),
    "hardsigmoid_": lambda x: F.hardsigmoid(x, inplace=True),
    "hardtanh": F.hardtanh,
    "relu6_": lambda x: F.relu6(x, inplace=True),
    "leaky_relu": F.leaky_relu,
    "leaky_relu_": lambda x: F.leaky_relu(x, inplace=True),
    "elu": F.elu,
    "elu_": lambda x: F.elu(x, inplace=True),
    "gelu": F.gelu,
    "mish_": lambda x: F.mish(x, inplace=True),
    "softplus": F.softplus,
    "sigmoid": torch.sigmoid,
    "sigmoid_": torch.sigmoid_,
    "tanh": torch.tanh,
    "exp": torch.exp,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "log": torch.log,
    "abs": torch.abs,
    "pow": lambda x: x**2,
    "square": torch.square,
    "clamp": lambda x: x.clamp(0, 1),
    "clamp_min": lambda x: x.clamp_min(0),
    "glu": lambda x: F.glu(x, 1),
    "softmax": lambda x: x.softmax(1),
    "log_softmax": lambda x: x.log_softmax(1),
    "add": lambda x: x + x,
    "mul itself": lambda x: x * x,
    "mul a number": lambda x: x * 3,
    "mul two results": lambda x: (x + 1) * (x + 2),
    "sub": lambda x: 1 - x,
    "div": lambda x: x / (x + 1),
    "cat": lambda x: torch.cat([x, x], 1),
    "mean": lambda x: x.mean((2, 3)),
    "cumsum": lambda x: x.cumsum(1),
    "amax": lambda x: x.amax((2, 3)),
    "max over an axis": lambda x: x.max(1),
    "sort": lambda x: x.sort(1),
    "msort": torch.msort,
    "argsort": lambda x: x * x.argsort(1),
    "topk": lambda x: x.topk(3, 1),
    "kthvalue": lambda x: x.kthvalue(3, 1),
    "median over an axis": lambda x: x.median(1),
    "median of all": torch.median,
    "max of two": lambda x: torch.max(x, x + 1),
    "norm": lambda x: torch.linalg.vector_norm(x, dim=1),
    "roll": lambda x: x.roll(1, 2),
    "zero pad": lambda x: F.pad(x, (1, 1)),
    "reflect": lambda x: F.pad(x, (1, 1, 1, 1), mode="reflect"),
    "max_pool2d": lambda x: F.max_pool2d(x, 2),
    "avg_pool2d": lambda x: F.avg_pool2d(x, 2),
    "global average": lambda x: F.adaptive_avg_pool2d(x, 1),
    "adaptive_avg_pool2d": lambda x: F.adaptive_avg_pool2d(x, 3),
    "adaptive_max_pool2d": lambda x: F.adaptive_max_pool2d(x, 1),
    "nearest": lambda x: F.interpolate(x, scale_factor=2),
    "bilinear": lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"),
    "pixel_shuffle": lambda x: F.pixel_shuffle(x, 2),
    "group_norm": lambda x: F.group_norm(x, 2),
    "layer_norm": lambda x: F.layer_norm(x, x.shape[1:]),
    "masked_fill": lambda x: x.masked_fill(torch.ones(6, 6, dtype=torch.bool), 0.0),
    "where": lambda x: torch.where(torch.ones(6, 6, dtype=torch.bool), x, 0.0),
    "matmul": lambda x: x @ x,
    "matmul of a view": lambda x: x @ x.transpose(-1, -2),
    "matmul that expands": lambda x: x @ (x[:, :1] + 1),
    "matmul that folds": lambda x: x.permute(0, 2, 3, 1) @ torch.ones(8, 4),
    "prelu": lambda x: F.prelu(x, torch.ones(1)),
    "grid_sample": lambda x: F.grid_sample(x, torch.zeros(2, 4, 4, 2), align_corners=False),
    "conv_transpose2d": lambda x: F.conv_transpose2d(x, torch.ones(8, 4, 2, 2)),
    "detach": lambda x: x.detach() * x,
}
CLOSE: dict[str, Layer] = {
    "normalize": lambda x: F.normalize(x, dim=1),
    "var": lambda x: x.var((2, 3)),
    "local_response_norm": lambda x: F.local_response_norm(x, 3),
    "lp_pool2d": lambda x: F.lp_pool2d(x, 2, 2),
    "instance_norm": F.instance_norm,
}


def kept_and_saved(function: Layer, torch_saved: Callable[..., int]) -> tuple[int, int]:
    model = Behind(function)
    facts = measure_memory(trace(model, SHAPE))
    assert facts.assumed == ()
    return facts.activation_bytes, torch_saved(model, torch.ones(SHAPE))


@pytest.mark.parametrize("name", EXACT)
def test_as_torch_saves(name: str, torch_saved: Callable[..., int]) -> None:
    ours, theirs = kept_and_saved(EXACT[name], torch_saved)
    # A scalar here and there: limits, exponents, divisors.
    assert abs(ours - theirs) <= 16


@pytest.mark.parametrize("name", CLOSE)
def test_close_to_what_torch_saves(name: str, torch_saved: Callable[..., int]) -> None:
    ours, theirs = kept_and_saved(CLOSE[name], torch_saved)
    assert ours == pytest.approx(theirs, rel=0.1)


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_keeps_statistics_only_where_it_makes_them(training: bool, torch_saved: Callable[..., int]) -> None:
    model = nn.Sequential(nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8)).train(training)
    kept = measure_memory(trace(model, SHAPE)).activation_bytes
    assert kept == torch_saved(model, torch.ones(SHAPE))
    assert kept == 4 * (2 * 2 * 8 * 36 + training * 2 * 8)


def test_dropout_keeps_a_mask_of_bytes() -> None:
    model = nn.Sequential(nn.Conv2d(8, 8, 1), nn.Dropout(0.5))
    image = 2 * 8 * 36
    assert measure_memory(trace(model, SHAPE)).per_op_saved == (4 * image, image)
    assert measure_memory(trace(model.eval(), SHAPE)).per_op_saved == (4 * image, 0)


def test_a_scale_that_is_learned_keeps_what_it_scales(torch_saved: Callable[..., int]) -> None:
    class Scaled(Behind):
        def forward(self, x: Tensor) -> Tensor:
            return self.scale * self.norm(x)

    model = Scaled(F.relu)
    assert measure_memory(trace(model, SHAPE)).activation_bytes == torch_saved(model, torch.ones(SHAPE))


def test_a_frozen_backbone_keeps_nothing_before_its_head(torch_saved: Callable[..., int]) -> None:
    backbone = nn.Sequential(nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.Flatten()).requires_grad_(False)
    model = nn.Sequential(backbone, nn.Linear(32, 4))
    facts = measure_memory(trace(model, SHAPE))
    assert facts.per_op_saved == (0, 0, 0, 0, 2 * 32 * 4)
    assert facts.activation_bytes == torch_saved(model, torch.ones(SHAPE))


def test_every_rule_is_of_one_kind() -> None:
    assert all(kind.isidentifier() for kind in (*OP_RULES, *GRADIENT_RULES))
    assert not OP_RULES.keys() & GRADIENT_RULES.keys()
