"""Graphs under autocast against networks that run under it, on live tensors."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision import models

from convwright.analysis.autocast import TO_HIGH, TO_LOW, autocast_graph
from convwright.analysis.checkpointing import checkpointed, segment_levels
from convwright.analysis.memory import measure_memory
from convwright.graph import trace


class UnderAutocast(nn.Module):
    """A network whose forward pass runs under autocast on the CPU."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.net(x)


class Mixed(nn.Module):
    """Ops of both of torch's lists, views, ops in place, and a scale in float32."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.Linear(16, 8)
        self.scale = nn.Parameter(torch.ones(16, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu_(self.norm(self.conv(x)))
        x = torch.cat([x, x * self.scale], 1).chunk(2, 1)[0]
        return self.head(x.flatten(2).mean(2)).float().sigmoid()


def large_head() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 62 * 62, 64), nn.ReLU(True))


def resnet() -> nn.Module:
    return models.ResNet(models.resnet.BasicBlock, [2, 1, 1, 1], num_classes=10)


def mobilenet() -> nn.Module:
    return models.mobilenet_v3_small(num_classes=10)


@pytest.mark.parametrize("make", [large_head, resnet, mobilenet])
def test_it_is_what_torch_takes(make: Any, torch_saved: Any, torch_peak_training: Any) -> None:
    net, x = make().train(), torch.rand(2, 3, 64, 64)
    found = measure_memory(autocast_graph(trace(net, tuple(x.shape))))
    live = UnderAutocast(net)
    assert found.activation_bytes == pytest.approx(torch_saved(live, x), rel=1e-3)
    assert found.peak_training_bytes - found.weight_bytes == pytest.approx(torch_peak_training(live, x), rel=2e-3)


def test_what_is_kept_of_mixed_precisions(torch_saved: Any) -> None:
    net, x = Mixed().train(), torch.rand(2, 3, 16, 16)
    kept = measure_memory(autocast_graph(trace(net, tuple(x.shape)))).activation_bytes
    assert kept == torch_saved(UnderAutocast(net), x)


def test_dtypes_are_those_of_torch() -> None:
    graph = autocast_graph(trace(Mixed(), (2, 3, 8, 8)))
    low = {op.kind for op in graph if op.output.dtype is torch.bfloat16}
    assert low == {"to", "conv2d", "batch_norm", "relu", "linear"}
    assert {op.kind for op in graph} - low == {"mul", "cat", "chunk", "flatten", "mean", "float", "sigmoid"}
    assert {op.output.is_alias for op in graph if op.kind == "float"} == {False}  # in float32 it copies nothing


def test_the_lists_name_ops_that_torch_casts() -> None:
    # Not every op has a kernel of its own: composite ones are cast by what they call.
    registered = torch._C._dispatch_has_kernel_for_dispatch_key
    for kind in sorted(TO_LOW | TO_HIGH):
        overloads = torch._C._jit_get_operation(f"aten::{kind}")[1]
        names = [f"aten::{kind}" + (f".{overload}" if overload else "") for overload in overloads]
        assert any(registered(name, "AutocastCUDA") for name in names), kind


def test_it_goes_with_checkpoints() -> None:
    graph = trace(resnet().train(), (2, 3, 64, 64))
    plain = autocast_graph(graph)
    both = autocast_graph(checkpointed(graph, segment_levels(graph)[0]))
    assert measure_memory(both).activation_bytes < measure_memory(plain).activation_bytes
    assert [op.kind for op in both] == [op.kind for op in plain]
    assert [op.index for op in both] == list(range(len(both.ops)))
