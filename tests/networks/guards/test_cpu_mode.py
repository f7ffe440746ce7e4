"""Tensors stay where they are, however they are sent away."""

import pytest
import torch
from torch import nn

from convwright.networks.guards.cpu_mode import CpuMode
from convwright.networks.guards.guard import NetworkGuard


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.zeros(2, device="cuda:1"),
        lambda: torch.zeros(2, device=torch.device("mps")),
        lambda: torch.zeros(2, device=0),
        lambda: torch.zeros(2).cuda(),
        lambda: torch.zeros(2).cuda(0, non_blocking=True),
        lambda: torch.zeros(2).to("cuda"),
        lambda: torch.zeros(2).to(0),
        lambda: torch.zeros(2).to(device="cuda", dtype=torch.float32),
        lambda: torch.zeros(2, dtype=torch.float64).to("xpu", torch.float32),
        lambda: nn.Linear(2, 2, device="cuda").weight,
        lambda: nn.Linear(2, 2).cuda().to("cuda:0", torch.float32).weight,
    ],
)
def test_nothing_moves(make):
    guard = NetworkGuard()
    with CpuMode(guard):
        tensor = make()
    assert (tensor.device.type, tensor.dtype) == ("cpu", torch.float32)
    assert isinstance(tensor, torch.Tensor)
    assert len(guard.notes) == 1
    assert "test_cpu_mode.py" in guard.notes[0]


def test_other_devices_are_as_they_were():
    guard = NetworkGuard()
    with CpuMode(guard):
        assert nn.Linear(2, 2, device="meta").cuda().weight.is_meta
        with torch.device("cuda"):
            assert torch.zeros(2).device.type == "cpu"
        assert torch.zeros(2).to(torch.int, copy=True).dtype is torch.int
        assert torch.einsum("i,i->", torch.ones(2), torch.ones(2)) == 2
    assert len(guard.notes) == 1
