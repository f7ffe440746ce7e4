"""Published models built without memory, and their graphs, traced once a test run."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import timm
import torch
import torchvision
from torch import nn
from torch.overrides import TorchFunctionMode

from convwright.graph import Graph, trace


class EmptyOnMeta(TorchFunctionMode):
    """Parameters and buffers take no memory; a constructor's own arithmetic still computes (RegNet's widths)."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func in (torch.empty, torch.zeros, torch.ones):
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


@cache
def build(name: str, size: int = 224) -> nn.Module:
    """`torchvision:NAME` or `timm:NAME` in eval mode."""
    library, _, model = name.partition(":")
    if library == "timm":
        with torch.device("meta"):
            return timm.create_model(model).eval()
    arguments: dict[str, Any] = {}
    if model in ("googlenet", "inception_v3"):
        arguments["init_weights"] = False
    if model.startswith("vit"):
        arguments["image_size"] = size
    with EmptyOnMeta():
        return torchvision.models.get_model(model, **arguments).to("meta").eval()


@cache
def graph_of(name: str, size: int = 224) -> Graph:
    """The graph of one image through `build(name)`."""
    return trace(build(name, size), (1, 3, size, size))


@pytest.fixture(name="build")
def build_fixture() -> Callable[..., nn.Module]:
    return build


@pytest.fixture(name="graph_of")
def graph_of_fixture() -> Callable[..., Graph]:
    return graph_of


class Forward(nn.Module):
    """A module whose forward is a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


@pytest.fixture(scope="session")
def forward() -> Callable[..., nn.Module]:
    return Forward
