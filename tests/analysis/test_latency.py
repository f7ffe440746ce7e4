"""Latency is measured without touching the model, and says what was measured."""

import copy
import statistics

import pytest
import torch
from torch import nn

from convwright.analysis import module_latency
from convwright.analysis.latency import Latency, measure_latency, measure_layouts, taking_turns, threads_used
from convwright.analysis.module_latency import ModuleTimes, measure_modules
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


class Layouts(nn.Module):
    """Notes the strides of what it is given and of its weights."""

    seen: list = []

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        self.seen.append((x.stride(), self.conv.weight.stride()))
        return self.conv(x)


def test_the_network_runs_as_it_is_and_in_channels_last_only_where_that_is_said(monkeypatch):
    monkeypatch.setattr(Layouts, "seen", [])
    rows, columns = ((192, 64, 8, 1), (27, 9, 3, 1)), ((192, 1, 24, 3), (27, 1, 9, 3))
    assert not measure_latency(Layouts(), (3, 8, 8), budget_seconds=0.0).channels_last
    assert set(Layouts.seen) == {rows}
    found = measure_layouts(Layouts(), (3, 8, 8), budget_seconds=0.0)
    assert [each.channels_last for each in found] == [False, True]
    assert set(Layouts.seen) == {rows, columns}
    Layouts.seen.clear()
    measure_latency(Layouts().to(memory_format=torch.channels_last), (3, 8, 8), budget_seconds=0.0)
    assert {weights for _, weights in Layouts.seen} == {columns[1]}  # as the model has them
    assert len(measure_layouts(nn.Linear(4, 2), (4,), budget_seconds=0.0)) == 1


def test_runs_take_turns():
    calls = []
    found = taking_turns([lambda: calls.append("a"), lambda: calls.append("b")], 0.0)
    assert [len(each) for each in found] == [7, 7]
    assert calls == ["a"] * 3 + ["b"] * 3 + ["a", "b"] * 7


def test_threads_are_those_asked_for_and_put_back():
    before = torch.get_num_threads()
    with threads_used(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_every_module_gets_the_time_that_it_takes_itself():
    found = measure_modules(built(), (3, 16, 16), repeats=3)
    assert set(found.own_seconds) == {"0", "1", "2", "3", "4", ""}
    assert all(seconds > 0 for each in found.own_seconds.values() for seconds in each)
    assert found.medians[""] == pytest.approx(sum(found.medians[str(place)] for place in range(5)) + own(found, ""))


class Working(nn.Module):
    """Takes some seconds of a clock, then calls each module inside twice."""

    def __init__(self, clock, seconds, *inside):
        super().__init__()
        self.clock, self.seconds = clock, seconds
        self.inside = nn.ModuleList(inside)

    def forward(self, x):
        self.clock[0] += self.seconds
        for module in self.inside:
            x = module(module(x))
        return x

    def __deepcopy__(self, memo):
        return Working(self.clock, self.seconds, *map(copy.deepcopy, self.inside))


def test_the_time_of_a_module_is_neither_its_childrens_nor_its_neighbors(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(module_latency.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(module_latency, "wait", lambda _: clock.__setitem__(0, clock[0] + 100))  # a device
    found = measure_modules(Working(clock, 1, Working(clock, 2, Working(clock, 3))), (4,), repeats=2)
    # Called once, twice and four times; the device is waited for before each call and at its end.
    own = {"": 1 + 2 * 100 + 100, "inside.0": 2 * (2 + 2 * 100 + 100), "inside.0.inside.0": 4 * (3 + 100)}
    assert found.own_seconds == {path: (seconds, seconds) for path, seconds in own.items()}
    assert found.medians["inside.0"] == found.medians["inside"] == 604 + 412
    assert found.medians[""] == 301 + 604 + 412


def own(found: ModuleTimes, path: str) -> float:
    return statistics.median(found.own_seconds[path])


def test_what_cannot_be_measured_is_said():
    with torch.device("meta"):
        model = nn.Conv2d(3, 8, 3)
    with pytest.raises(ConvwrightError, match="latency of a model on the meta device"):
        measure_latency(model, (3, 8, 8))
    with pytest.raises(ConvwrightError, match="cannot run this model in fp32 at batch 1"):
        measure_latency(nn.Conv2d(3, 8, 9), (3, 8, 8))
    with pytest.raises(ConvwrightError, match="unknown precision 'int4'"):
        measure_latency(nn.Conv2d(3, 8, 3), (3, 8, 8), precision="int4")
