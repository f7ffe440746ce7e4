"""Latency is measured without touching the model, and says what was measured."""

import pytest
import torch
from torch import nn

from convwright.analysis.latency import Latency, measure_latency, measure_modules
from convwright.errors import ConvwrightError


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.LazyLinear(4))


def built():
    model = net()
    model(torch.zeros(2, 3, 16, 16))
    return model


def test_the_model_is_left_as_it_was():
    model = built().train()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    measure_latency(model, (3, 16, 16), batch_size=2, precision="bf16", budget_seconds=0.0)
    measure_modules(model, (3, 16, 16), repeats=2)
    assert model.training
    assert next(model.parameters()).dtype is torch.float32
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


def test_median_spread_and_throughput():
    times = tuple(float(t) for t in range(1, 22))
    found = Latency(batch_size=4, precision="fp32", compiled=False, device="x", seconds=times)
    assert (found.median_seconds, found.spread_seconds) == (11.0, (3.0, 19.0))
    assert found.images_per_second == pytest.approx(4 / 11)
    assert found.to_dict()["repeats"] == 21


def test_every_leaf_module_gets_its_time():
    found = measure_modules(built(), (3, 16, 16), repeats=3)
    assert set(found) == {"0", "1", "2", "3", "4", ""}
    assert all(seconds >= 0 for seconds in found.values())
    assert sum(found.values()) > 0


def test_what_cannot_be_measured_is_said():
    with torch.device("meta"):
        model = nn.Conv2d(3, 8, 3)
    with pytest.raises(ConvwrightError, match="latency of a model on the meta device"):
        measure_latency(model, (3, 8, 8))
    with pytest.raises(ConvwrightError, match="cannot run this model in fp32 at batch 1"):
        measure_latency(nn.Conv2d(3, 8, 9), (3, 8, 8))
    with pytest.raises(ConvwrightError, match="unknown precision 'int4'"):
        measure_latency(nn.Conv2d(3, 8, 3), (3, 8, 8), precision="int4")
