"""Published models built without memory, and their graphs, traced once a test run."""

import weakref
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import timm
import torch
import torchvision
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

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


class Allocator(TorchDispatchMode):
    """Counts the bytes of every storage from when an operator makes it until Python or autograd lets it go."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.now = self.peak = 0
        self.peak_operator = ""
        weights = [*model.parameters(), *model.buffers()]
        self._known = {tensor.untyped_storage()._cdata for tensor in weights}

    def add(self, tensor: torch.Tensor, operator: str = "input") -> None:
        storage = tensor.untyped_storage()
        key, num_bytes = storage._cdata, storage.nbytes()
        if key in self._known:
            return
        self._known.add(key)
        self.now += num_bytes
        weakref.finalize(storage, self._free, key, num_bytes)
        if self.now > self.peak:
            self.peak, self.peak_operator = self.now, operator

    def _free(self, key: int, num_bytes: int) -> None:
        self._known.discard(key)
        self.now -= num_bytes

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tensors_in(result):
            self.add(tensor, str(func))
        return result


def tensors_in(value: Any) -> list[torch.Tensor]:
    leaves = tree_leaves(list(value) if isinstance(value, tuple) else value)
    return [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]


def peak_inference(model: nn.Module, x: torch.Tensor) -> int:
    """The most activation bytes at once in one forward pass without autograd."""
    allocator = Allocator(model)
    allocator.add(x)
    with torch.no_grad(), allocator:
        model(x)
    return allocator.peak


def peak_training(model: nn.Module, x: torch.Tensor) -> int:
    """The most bytes at once, weights aside, in one forward and backward pass."""
    allocator = Allocator(model)
    allocator.add(x)
    with allocator:
        results = tensors_in(model(x))
        torch.autograd.backward(results, [torch.ones_like(result) for result in results])
    model.zero_grad(set_to_none=True)
    return allocator.peak


def saved_for_backward(model: nn.Module, *inputs: torch.Tensor) -> int:
    """Bytes of the distinct storages that autograd saves, parameters and buffers aside."""
    weights = [*model.parameters(), *model.buffers()]
    ignored = {tensor.untyped_storage()._cdata for tensor in weights}
    saved: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in ignored:
            saved[storage._cdata] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(*inputs)
    return sum(storage.nbytes() for storage in saved.values())


@pytest.fixture(scope="session")
def torch_peak_inference() -> Callable[..., int]:
    return peak_inference


@pytest.fixture(scope="session")
def torch_peak_training() -> Callable[..., int]:
    return peak_training


@pytest.fixture(scope="session")
def torch_saved() -> Callable[..., int]:
    return saved_for_backward
