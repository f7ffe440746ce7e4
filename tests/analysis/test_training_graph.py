"""Facts of training are those of train mode, whatever mode the network is in."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision import models

from convwright.analysis.analyze import analyze
from convwright.graph import trace
from convwright.graph.mode_reads import mode_reads


class Auxiliary(nn.Module):
    """A head that only train mode has."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.main, self.aux = nn.Conv2d(3, 8, 3), nn.Linear(8, 4), nn.Linear(8, 4)
        self.never = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Any:
        x = self.conv(x).mean((2, 3))
        return (self.main(x), self.aux(x)) if self.training else self.main(x)


def helper(module: nn.Module, x: Tensor) -> Tensor:
    return x.tanh().exp() if module.training else x


class ByHelper(nn.Module):
    """The mode is read outside of any module."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)

    def forward(self, x: Tensor) -> Tensor:
        return helper(self.norm, self.norm(x))


class OwnTrain(nn.Module):
    """Its own `train` changes what `forward` reads."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.repeats = nn.Conv2d(3, 3, 1), 1

    def train(self, mode: bool = True) -> "OwnTrain":
        self.repeats = 3 if mode else 1
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(self.repeats):
            x = self.conv(x).tanh()
        return x


class OwnTrainInside(nn.Module):
    """A part of it has a `train` of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = OwnTrain()

    def forward(self, x: Tensor) -> Tensor:
        return self.inside(x)


def dropping() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.Dropout(0.5), nn.Conv2d(8, 8, 3))


def normed() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.0))


@pytest.mark.parametrize("make", [Auxiliary, ByHelper, OwnTrain, OwnTrainInside, dropping, normed])
def test_training_facts_do_not_depend_on_the_mode(make: Any, torch_saved: Any) -> None:
    x = torch.rand(2, 3, 12, 12)
    found, trained = analyze(make().eval(), x).memory, analyze(make().train(), x).memory
    assert found.peak_training_bytes == trained.peak_training_bytes
    assert found.activation_bytes == trained.activation_bytes
    live = make().train()
    saved = torch_saved(live, x)
    if make is dropping:  # a CPU keeps the mask as floats, a GPU in bytes
        saved -= 3 * 2 * 8 * 10 * 10
    assert found.activation_bytes == saved


def test_auxiliary_heads_are_used_in_training() -> None:
    found = analyze(Auxiliary().eval(), (2, 3, 8, 8)).parameters
    assert (found.train_only, found.num_train_only) == (("aux.weight", "aux.bias"), 8 * 4 + 4)
    assert (found.unused, found.num_unused) == (("never.weight", "never.bias"), 2 * 2 + 2)
    kept = analyze(Auxiliary().eval(), (2, 3, 8, 8)).memory
    image, pooled = 2 * 3 * 8 * 8 * 4, 2 * 8 * 4  # what the convolution and the heads keep; the mean keeps nothing
    assert kept.activation_bytes == sum(kept.per_op_saved) == image + pooled
    assert sum(found.per_op) + found.num_unused + found.num_train_only == found.total


def test_googlenet_trains_with_its_auxiliary_heads(torch_peak_training: Any) -> None:
    with torch.device("meta"):
        net = models.googlenet(init_weights=False, aux_logits=True).eval()
    found = analyze(net, (2, 3, 224, 224))
    assert found.parameters.unused == ()
    assert len(found.parameters.train_only) == 14  # two heads: a convolution with its norm, two layers with biases
    x = torch.empty(2, 3, 224, 224, device="meta")
    step = found.memory.peak_training_bytes - found.memory.weight_bytes
    assert step == pytest.approx(torch_peak_training(net.train(), x), rel=0.025)


def test_train_states_the_facts_of_train_mode() -> None:
    net = Auxiliary().eval()
    found = analyze(net, (2, 3, 8, 8), train=True)
    assert found.parameters.train_only == ()
    assert [op.path for op in found.graph if op.kind == "linear"] == ["main", "aux"]
    assert not net.training


def test_a_mode_that_fails_is_said() -> None:
    class Targets(nn.Module):
        def forward(self, x: Tensor, targets: Any = None) -> Tensor:
            if self.training:
                return F.mse_loss(x, targets["x"])
            return x.exp()

    found = analyze(Targets().eval(), (1, 4)).memory
    assert "in train mode the network fails" in found.not_traced
    assert len(found.training.ops) == 1


@pytest.mark.parametrize(("net", "differs"), [(normed(), False), (dropping(), True), (ByHelper(), True)])
def test_only_what_reads_the_mode_is_traced_again(net: nn.Module, differs: bool) -> None:
    assert trace(net.eval(), (1, 3, 8, 8)).depends_on_mode is differs


def test_modules_are_as_before_when_nobody_watches() -> None:
    with mode_reads(), mode_reads():
        pass
    assert "training" not in vars(nn.Module)
