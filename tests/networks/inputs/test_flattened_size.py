"""Sizes at which a flattened map fits its layer."""

import pytest
import torch
from torch import nn

from convwright.networks.inputs.flattened_size import fitting_sizes
from convwright.networks.inputs.network_input import NetworkInput, parse_inputs, written
from convwright.networks.inputs.trace_attempt import stopped_trace


def sizes(net, shape=(1, 3, 224, 224), dtype=None):
    specs = (NetworkInput(shape=shape, dtype=dtype),)
    tried = []

    def probe(inputs):
        tried.append(inputs)
        return stopped_trace(net, inputs)

    found = [(written(guess.inputs), guess.reason) for guess in fitting_sizes(probe, specs, probe(specs), net)]
    assert len(tried) < 60
    return found


def halved(channels, features, halvings):
    layers = [part for _ in range(halvings) for part in (nn.Conv2d(channels, channels, 3, padding=1), nn.MaxPool2d(2))]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(features, 2))


@pytest.mark.parametrize(
    ("net", "shape", "inputs"),
    [
        (halved(3, 3 * 4 * 4, 4), (1, 3, 224, 224), "1x3x64x64"),  # 64 to 79 fit, 64 is the roundest
        (halved(1, 7 * 7, 2), (1, 1, 224, 224), "1x1x28x28"),
        (halved(3, 3 * 7 * 7, 5), (1, 3, 64, 64), "1x3x224x224"),
        (halved(1, 3 * 5, 2), (1, 1, 224, 224), "1x1x12x20"),
        (nn.Sequential(nn.AvgPool1d(4), nn.Flatten(), nn.Linear(500, 2)), (1, 2, 1024), "1x2x1000"),
    ],
)
def test_the_roundest_size_that_fits(net, shape, inputs):
    assert sizes(net, shape)[0][0] == inputs


def test_a_window_takes_larger_maps():
    net = nn.Sequential(nn.Conv2d(3, 4, 3, stride=16), nn.AvgPool2d(7))
    assert sizes(net, (1, 3, 64, 64))[0][0] == "1x3x112x112"
    assert sizes(nn.Sequential(nn.AvgPool2d(16), nn.Conv2d(3, 4, 7)), (1, 3, 64, 64))[0][0] == "1x3x112x112"


def test_what_is_said():
    assert sizes(halved(3, 48, 4))[0][1] == "`9` takes 48 = 3x4x4 features"
    assert "45 = 3x3x5 features" in sizes(halved(3, 3 * 3 * 5, 2))[0][1]


def test_tokens():
    net = nn.Sequential(nn.Embedding(10, 4), nn.Flatten(), nn.Linear(80, 2))
    assert sizes(net, (1, 16), torch.int64) == [("1x20:int64", "`2` takes 80")]


def test_what_no_size_changes_has_none():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(9, 2))
    assert sizes(net) == []


class Grid(nn.Module):
    """Patches of 4x4 pixels, and something that has one size or refuses others."""

    def __init__(self, kind):
        super().__init__()
        self.kind, self.patches = kind, nn.Conv2d(3, 8, 4, 4)
        self.table = nn.Parameter(torch.zeros(1, 8, 256))

    def forward(self, x):
        x = self.patches(x).flatten(2)
        if self.kind == "add":
            return x + self.table.flip(0)
        if self.kind == "einsum":
            return torch.einsum("b c n, ...nc -> b", x, self.table.transpose(1, 2))
        if self.kind == "matmul":
            return self.table @ x.transpose(1, 2)
        torch._assert(x.shape[2] % 512 == 0, "")
        return x


@pytest.mark.parametrize(
    ("kind", "side", "reason"),
    [("add", 64, "its add takes 256"), ("einsum", 64, "256"), ("matmul", 64, "256"), ("", 256, "stops")],
)
def test_grids_of_one_size(kind, side, reason):
    inputs, said = sizes(Grid(kind))[0]
    assert inputs == f"1x3x{side}x{side}"
    assert reason in said


class Tokens(nn.Module):
    """Pixels with an embedding of 24 channels each, and a grid of 13x13 of them that nothing but `grid` names."""

    def __init__(self):
        super().__init__()
        self.pos, self.grid, self.project = nn.Parameter(torch.zeros(1, 1, 24)), 13, nn.Conv1d(24, 4, 1)

    def forward(self, x):
        return self.project((x.flatten(2).transpose(1, 2) + self.pos).transpose(1, 2))


class Checked(Tokens):
    def forward(self, x):
        torch._assert(x.shape[2] == self.grid, "")
        return super().forward(x)


def test_channels_are_found_like_any_other_size():
    assert sizes(Tokens()) == [("1x24x224x224", "its add takes 24")]


def test_another_call_that_fails_is_farther_than_an_assertion():
    assert sizes(Checked(), (1, 3, 8, 8))[0][0] == "1x3x13x13"


def test_sizes_of_which_not_all_come_to_the_layer():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.pool, self.fc = nn.MaxPool2d(30), nn.Linear(3 * 11 * 11, 2)

        def forward(self, x):
            if x.shape[-1] in range(300, 353, 2):
                raise ValueError("even")
            return self.fc(self.pool(x).flatten(1))

    found, _ = sizes(Odd())[0]
    assert 330 <= int(found.rpartition("x")[2]) < 360
    assert stopped_trace(Odd(), parse_inputs(found)) is None
