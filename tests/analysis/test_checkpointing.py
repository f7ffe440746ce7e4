"""Checkpoints that a network does not have, against the same network with them, on live tensors."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from torchvision import models

from convwright.analysis.checkpointing import checkpointed, segment_levels
from convwright.analysis.memory import measure_memory
from convwright.graph import trace

SHAPE = (2, 3, 64, 64)


def small_resnet() -> nn.Module:
    return models.ResNet(models.resnet.BasicBlock, [2, 1, 1, 1], num_classes=10)


def small_mobilenet() -> nn.Module:
    return models.mobilenet_v3_small(num_classes=10)


def wrapped(net: nn.Module, paths: set[str]) -> nn.Module:
    for path in paths:
        module = net.get_submodule(path)

        def forward(*args: Any, plain: Callable[..., Any] = module.forward) -> Any:
            return checkpoint(plain, *args, use_reentrant=False)

        module.forward = forward  # type: ignore[method-assign]
    return net


@pytest.mark.parametrize(("make", "depths"), [(small_resnet, (0, 1)), (small_mobilenet, (1,))])
def test_it_is_what_torch_takes(make: Any, depths: Any, torch_saved: Any, torch_peak_training: Any) -> None:
    x = torch.rand(SHAPE)
    graph = trace(make().train(), SHAPE)
    levels = segment_levels(graph)
    for segments in [levels[depth] for depth in depths]:
        found = measure_memory(checkpointed(graph, segments))
        live = wrapped(make().train(), {segment.path for segment in segments})
        # One number for each limit of a hardsigmoid is not counted.
        assert found.activation_bytes == pytest.approx(torch_saved(live, x), rel=0.02)
        step = found.peak_training_bytes - found.weight_bytes
        assert step == pytest.approx(torch_peak_training(live, x), rel=0.005)


def test_levels_go_from_stages_to_blocks() -> None:
    found = [[row.path for row in level] for level in segment_levels(trace(small_resnet(), SHAPE))]
    assert found[0] == ["layer1", "layer2", "layer3", "layer4"]
    assert found[1] == ["layer1.0", "layer1.1", "layer2.0", "layer3.0", "layer4.0"]


def test_what_cannot_run_again_is_no_segment() -> None:
    overwrites = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(3, 3, 1))
    assert segment_levels(trace(nn.Sequential(nn.Conv2d(3, 3, 1), overwrites), (1, 3, 8, 8))) == []

    class Twice(nn.Module):
        """One block called twice, another op between the calls or not."""

        def __init__(self, apart: bool) -> None:
            super().__init__()
            self.block, self.apart = nn.Sequential(nn.Linear(4, 4), nn.Tanh()), apart

        def forward(self, x: Tensor) -> Tensor:
            x = self.block(x)
            return self.block(x.exp() if self.apart else x)

    assert [(row.first, row.behind) for row in segment_levels(trace(Twice(True), (1, 4)))[0]] == [(0, 2), (3, 5)]
    assert segment_levels(trace(Twice(False), (1, 4))) == []


def test_a_network_with_checkpoints_gets_no_others() -> None:
    net = wrapped(nn.Sequential(nn.Sequential(nn.Linear(4, 4), nn.Tanh()), nn.Linear(4, 4)), {"0"})
    assert segment_levels(trace(net, (1, 4))) == []
