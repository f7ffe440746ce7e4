"""One trace for eval and train mode tells what two traces tell, or says that it cannot."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import timm
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision import models
from torchvision.ops import StochasticDepth

from convwright.graph import Graph, trace
from convwright.graph.modes import in_mode
from convwright.graph.trace import trace_with_drops

SHAPE = (2, 4, 8, 8)


class MadeUp(nn.Module):
    """Convolutions, drops, branches and writes in an order that a seed draws."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        draw = random.Random(seed)
        self.names = draw.choices(
            ["conv", "drop", "inplace", "depth", "relu_", "skip", "skip_", "view", "late"],
            [3, 3, 1, 3, 1, 2, 1, 1, 1],
            k=10,
        )
        self.layers = nn.ModuleList([_layer(name) for name in self.names])

    def forward(self, x: Tensor) -> Tensor:
        kept = x
        for name, layer in zip(self.names, self.layers, strict=True):
            if name == "skip":
                x = x + kept
            elif name == "skip_":
                x += kept
            elif name == "view":
                kept = x.view(2, 4, 64).reshape(SHAPE)
            elif name == "late":
                kept = x
            else:
                x = layer(x)
        return x * kept


def _layer(name: str) -> nn.Module:
    made = {
        "conv": lambda: nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)),
        "drop": lambda: nn.Dropout(0.3),
        "inplace": lambda: nn.Dropout(0.3, inplace=True),
        "depth": lambda: StochasticDepth(0.5, "row"),
        "relu_": lambda: nn.ReLU(inplace=True),
    }
    return made.get(name, nn.Identity)()


def facts(graph: Graph) -> dict[str, Any]:
    """All but the mode of the modules, which is that of the model."""
    found = graph.to_dict()
    for row in found["modules"]:
        row.pop("training")
    return found


def aside_from_mode(graph: dict[str, Any]) -> dict[str, Any]:
    """Leave out the argument that norms, and dropouts that drop nothing, have in train mode."""
    for op in graph["ops"]:
        if op["kind"] == "batch_norm" or op["args"].get("p") == 0:
            op["args"].pop("training")
    return {key: value for key, value in graph.items() if key != "depends_on_mode"}


def compare(net: nn.Module, shape: tuple[int, ...]) -> bool:
    """Compare one trace with two; False if it does not tell both."""
    net.eval()
    graph, dropped = trace_with_drops(net, shape)
    assert facts(graph) == facts(trace(net, shape))
    if dropped is None or dropped.depends_on_mode:
        return False
    with in_mode(net, training=True):
        trained = trace(net, shape)
    assert aside_from_mode(facts(dropped)) == aside_from_mode(facts(trained))
    return True


@pytest.mark.parametrize("seeds", [range(start, start + 20) for start in range(0, 120, 20)])
def test_made_up_networks_are_as_traced_twice(seeds: range) -> None:
    told = [compare(MadeUp(seed), SHAPE) for seed in seeds]
    assert sum(told) > len(told) // 2


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: models.efficientnet_b0(), True),  # stochastic depth, then a write into what it hands on
        (lambda: models.mobilenet_v3_small(), True),  # dropout in place
        (lambda: models.googlenet(init_weights=False), False),  # auxiliary heads
        (lambda: timm.create_model("vit_tiny_patch16_224", drop_path_rate=0.1, proj_drop_rate=0.1), True),
        (lambda: timm.create_model("vit_tiny_patch16_224", attn_drop_rate=0.1), False),  # an argument of the attention
        (lambda: timm.create_model("regnety_002"), True),  # batch norms of timm
    ],
)
def test_networks_of_libraries_are_as_traced_twice(make: Callable[[], nn.Module], told: bool) -> None:
    with torch.device("meta"):
        net = make()
    assert compare(net, (2, 3, 224, 224)) is told


def written_over(x: Tensor, drop: nn.Module) -> Tensor:
    y = drop(x * 2)
    return y.add_(1)


def read_after_a_write(x: Tensor, drop: nn.Module) -> Tensor:
    x = x * 2
    y = drop(x)
    y.add_(1)
    return x + y  # of eval mode: what was written


def drops_by_function(x: Tensor, drop: nn.Module) -> Tensor:
    return F.dropout(drop(x), 0.5, training=drop.training)


def needs_values(x: Tensor, drop: nn.Module) -> Tensor:
    return x if drop(x).mean() > 0 else -x


class Net(nn.Module):
    def __init__(self, function: Callable[[Tensor, nn.Module], Tensor], drop: nn.Module) -> None:
        super().__init__()
        self.function, self.drop = function, drop

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, self.drop)


@pytest.mark.parametrize(
    ("function", "told"),
    [(written_over, True), (read_after_a_write, False), (drops_by_function, False), (needs_values, False)],
)
@pytest.mark.parametrize("drop", [nn.Dropout(0.5), StochasticDepth(0.5, "row")])
def test_what_two_modes_share_is_proved(
    function: Callable[[Tensor, nn.Module], Tensor], drop: nn.Module, told: bool
) -> None:
    assert compare(Net(function, drop), SHAPE) is told


class Renamed(nn.Dropout):
    """A dropout with a `forward` of its own."""

    def forward(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.p, self.training).tanh() if self.training else x


@pytest.mark.parametrize(("drop", "told"), [(Renamed(), False), (nn.Dropout2d(), False), (nn.Dropout(0.0), True)])
def test_only_known_code_is_told_another_mode(drop: nn.Module, told: bool) -> None:
    assert compare(nn.Sequential(nn.Conv2d(4, 4, 1), drop), SHAPE) is told


def test_a_trace_leaves_the_modes_alone() -> None:
    net = nn.Sequential(nn.Dropout(), nn.BatchNorm2d(4)).eval()
    trace_with_drops(net, SHAPE)
    assert not any(module.training for module in net.modules())
    assert "training" not in vars(nn.Module)
