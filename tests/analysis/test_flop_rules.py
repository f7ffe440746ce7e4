"""FLOPs by hand, and every kind of the table through real calls."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convwright.analysis.flop_rules import FLOP_RULES, MOVES, PER_INPUT, PER_OUTPUT
from convwright.analysis.mac_rules import MAC_RULES
from convwright.analysis.macs import count_macs
from convwright.graph import trace

SHAPE = (2, 8, 6, 6)
N = 2 * 8 * 6 * 6

BY_HAND: list[tuple[str, Callable[[Tensor], Any], int]] = [
    ("add", lambda x: x + 1, N),
    ("add broadcasts", lambda x: x[:1] + x[:, :1], N),
    ("relu", F.relu, N),
    ("relu6", F.relu6, 2 * N),
    ("clamp both", lambda x: x.clamp(0, 1), 2 * N),
    ("clamp below", lambda x: x.clamp(min=0), N),
    ("sigmoid", torch.sigmoid, 4 * N),
    ("silu", F.silu, 5 * N),
    ("gelu", F.gelu, 5 * N),
    ("gelu by tanh", lambda x: F.gelu(x, approximate="tanh"), 9 * N),
    ("glu halves", lambda x: F.glu(x, 1), 5 * N // 2),
    ("softmax", lambda x: x.softmax(1), 5 * N),
    ("mean", lambda x: x.mean((2, 3)), N),
    ("var", lambda x: x.var((2, 3)), 4 * N),
    ("cumsum", lambda x: x.cumsum(1), N),
    ("max of all", lambda x: x.max(), N),
    ("sort 8", lambda x: x.sort(1), 3 * N),
    ("sort 6", lambda x: x.sort(), 3 * N),
    ("argsort", lambda x: x.argsort(1), 3 * N),
    ("msort 2", lambda x: x.msort(), N),
    ("topk 1", lambda x: x.topk(1, 1), N),
    ("topk 3", lambda x: x.topk(3, 1), 2 * N),
    ("median", lambda x: x.median(1), 3 * N),
    ("compare", lambda x: x == 0, N),
    ("max_pool2d", lambda x: F.max_pool2d(x, 3, 1), 9 * 2 * 8 * 16),
    ("avg_pool2d", lambda x: F.avg_pool2d(x, 2), N),
    ("lp_pool2d", lambda x: F.lp_pool2d(x, 2, 2), 2 * 8 * 9 * (2 * 4 + 1)),
    ("global average", lambda x: F.adaptive_avg_pool2d(x, 1), N),
    # 6 to 4: windows of 2 pixels each, [0,2) [1,3) [3,5) [4,6).
    ("overlapping windows", lambda x: F.adaptive_avg_pool2d(x, 4), 2 * 8 * (4 * 2) ** 2),
    ("adaptive_max_pool2d", lambda x: F.adaptive_max_pool2d(x, (3, 6)), N),
    ("nearest", lambda x: F.interpolate(x, scale_factor=2), 0),
    ("bilinear", lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), 4 * N * 7),
    ("bicubic", lambda x: F.interpolate(x, size=6, mode="bicubic"), N * 31),
    ("grid_sample", lambda x: F.grid_sample(x, torch.zeros(2, 3, 3, 2), align_corners=False), 2 * 36 + 2 * 8 * 9 * 7),
    ("layer_norm", lambda x: F.layer_norm(x, (6,)), 6 * N),
    ("group_norm", lambda x: F.group_norm(x, 2, torch.ones(8), torch.ones(8)), 8 * N),
    ("rms_norm", lambda x: F.rms_norm(x, (6,)), 3 * N),
    ("local_response_norm", lambda x: F.local_response_norm(x, 3), 8 * N),
    ("dropout in training", lambda x: F.dropout(x, 0.5), 2 * N),
    ("dropout of nothing", lambda x: F.dropout(x, 0.0), 0),
    ("cdist", lambda x: torch.cdist(x[0], x[0]), 8 * 6 * 6 * (3 * 6 + 1)),
]


@pytest.mark.parametrize(("function", "flops"), [row[1:] for row in BY_HAND], ids=[row[0] for row in BY_HAND])
def test_by_hand(function: Callable[[Tensor], Any], flops: int, forward: Any) -> None:
    facts = count_macs(trace(forward(function), SHAPE))
    assert facts.uncounted == ()
    assert (facts.macs, facts.flops) == (0, flops)


def test_differences_of_differences(forward: Any) -> None:
    (cost,) = count_macs(trace(forward(lambda x: x.diff(n=2, dim=1)), (3, 5))).per_op
    assert cost == (0, 3 * 4 + 3 * 3)


@pytest.mark.parametrize(("training", "flops"), [(False, 2 * N), (True, 6 * N)])
def test_batch_norm_also_measures_the_batch_in_training(training: bool, flops: int) -> None:
    assert count_macs(trace(nn.BatchNorm2d(8).train(training), SHAPE)).flops == flops


def test_flops_of_a_network_are_twice_its_macs_and_the_rest() -> None:
    model = nn.Sequential(nn.Conv2d(8, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 10)).eval()
    facts = count_macs(trace(model, SHAPE))
    conv, linear, maps = 2 * 4 * 16 * 72, 2 * 10 * 64, 2 * 4 * 16
    assert facts.macs == conv + linear
    assert facts.flops == 2 * facts.macs + maps + 2 * maps + maps + 2 * 10


def test_no_kind_has_two_rules() -> None:
    tables = [*PER_OUTPUT, *PER_INPUT, MOVES]
    kinds = [kind for table in tables for kind in table.split()]
    assert sorted(set(kinds)) == sorted(kinds)
    assert not MAC_RULES.keys() & FLOP_RULES.keys()
