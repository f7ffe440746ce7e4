"""Ops that other counters know: each has a cost here, or is among those that are named as uncounted."""

import pytest
from torch.utils.flop_counter import flop_registry

from convwright.analysis.macs import RULES
from convwright.graph.kinds import Kind, kind_of

# Names that no function of a model's forward has: attributes, constants, backward passes, kernels behind a function.
KERNELS = {
    "convolution": "conv2d",
    "_convolution": "conv2d",
    "cudnn_convolution": "conv2d",
    "convolution_overrideable": "conv2d",
    "_slow_conv2d_forward": "conv2d",
    "grid_sampler": "grid_sample",
    "upsample_bilinear2d": "interpolate",
    "upsample_nearest2d": "interpolate",
}
NAMED = {"_scaled_mm", "flex_attention"}  # no rule: such an op is named as uncounted


def kind(name: str) -> str:
    def function() -> None: ...

    function.__name__ = name
    found: Kind = kind_of(function)
    return found.name


def covered(name: str) -> bool:
    if "attention" in name and name not in NAMED:
        return "scaled_dot_product_attention" in RULES
    return kind(KERNELS.get(name, name)) in RULES


def test_torchs_counter() -> None:
    names = {str(packet).rpartition(".")[2] for packet in flop_registry}
    assert len(names) > 15
    missing = {name for name in names if not name.endswith("_backward") and not covered(name)}
    assert missing == NAMED & names


def test_fvcore() -> None:
    counters = pytest.importorskip("fvcore.nn.flop_count")
    names = {name.rpartition("::")[2] for name in counters._DEFAULT_SUPPORTED_OPS}
    assert {name for name in names if not covered(name)} == set()


def test_names_for_one_op_have_one_kind() -> None:
    assert [kind(name) for name in ("arccos", "arctan2", "greater_equal", "not_equal")] == ["acos", "atan2", "ge", "ne"]
