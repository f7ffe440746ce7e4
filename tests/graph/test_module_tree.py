"""A trace leaves the model, its hooks, and every generator as they were, also when the model raises."""

import random
from typing import Any

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn

from convwright.errors import ConvwrightError
from convwright.graph import trace
from convwright.graph.module_tree import unwrap


class Careless(nn.Module):
    """Caches tensors, changes modes, draws numbers, and writes into its own weights."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.register_buffer("seen", torch.zeros(1))
        self.cache: dict[str, Tensor] = {}
        self.kept: list[Tensor] = []
        self.last: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        self.last = self.norm(self.conv(x))
        self.cache["mask"] = torch.ones_like(self.last)
        self.kept.append(self.last)
        self.seen += 1
        self.seen = self.seen + 1
        self.conv.weight.data = self.conv.weight.data.clamp(max=1.0)
        nn.init.zeros_(self.conv.bias)
        self.eval()
        torch.set_grad_enabled(False)
        random.random()
        noise = torch.rand(4, 1, 1) + torch.randn_like(self.last) + F.dropout(self.last, training=True)
        self.new = nn.Linear(2, 2)
        if x.shape[-1] == 13:
            raise RuntimeError("unlucky")
        return self.last + noise


def fingerprint(model: nn.Module) -> Any:
    """Everything of a model and of torch that a trace could disturb."""
    state = {name: (id(tensor), tensor.clone()) for name, tensor in model.state_dict(keep_vars=True).items()}
    attributes = [{k: repr(v) for k, v in vars(m).items() if k[0] != "_"} for m in model.modules()]
    hooks = [[len(v) for k, v in vars(m).items() if "hooks" in k] for m in model.modules()]
    global_hooks = [len(v) for k, v in vars(nn.modules.module).items() if k.startswith("_global") and "hooks" in k]
    world = (torch.get_rng_state().tolist(), random.getstate(), torch.is_grad_enabled(), torch.get_default_dtype())
    return state, attributes, hooks, global_hooks, world


def assert_unchanged(model: nn.Module, before: Any) -> None:
    after = fingerprint(model)
    assert after[1:] == before[1:]
    assert list(after[0]) == list(before[0])
    for name, (identity, tensor) in after[0].items():
        assert identity == before[0][name][0]
        assert torch.equal(tensor, before[0][name][1])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("size", [16, 13])
def test_tracing_changes_nothing(training: bool, size: int) -> None:
    model = Careless().train(training)
    before = fingerprint(model)
    if size == 13:
        with pytest.raises(ConvwrightError, match="unlucky"):
            trace(model, (2, 3, size, size))
    else:
        trace(model, (2, 3, size, size))
    assert_unchanged(model, before)


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "mobilenet_v3_small", "swin_t", "googlenet", "vit_b_32"])
@pytest.mark.parametrize("training", [True, False])
def test_tracing_changes_no_torchvision_model(name: str, training: bool) -> None:
    options = {"init_weights": False} if name == "googlenet" else {}
    model = torchvision.models.get_model(name, weights=None, **options).train(training)
    before = fingerprint(model)
    trace(model, (2, 3, 224, 224))
    assert_unchanged(model, before)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_model_on_cuda_is_traced_without_its_memory() -> None:
    model = torchvision.models.resnet18().cuda().train()
    before, allocated, drawn = fingerprint(model), torch.cuda.memory_stats(), torch.cuda.get_rng_state()
    seen: list[Any] = []
    model.fc.register_forward_pre_hook(lambda _, args: seen.extend([args[0].device.type, args[0].is_cuda]))
    graph = trace(model, (64, 3, 224, 224))
    assert graph.outputs[""].shape == (64, 1000)
    assert seen == ["cuda", True]
    assert torch.cuda.memory_stats() == allocated
    assert torch.equal(torch.cuda.get_rng_state(), drawn)
    model.fc._forward_pre_hooks.clear()
    assert_unchanged(model, before)


def test_a_wrapper_of_no_module_is_left_as_it_is() -> None:
    wrapper = nn.DataParallel(nn.Identity())
    del wrapper.module
    assert unwrap(wrapper) is wrapper
