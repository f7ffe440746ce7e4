"""MACs: published totals, torch's own counter, and the errors that other counters make in silence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from convwright.analysis.analyze import analyze
from convwright.analysis.macs import CONVENTION, count_macs
from convwright.analysis.parameters import count_parameters
from convwright.graph import Graph, trace
from reference.sampling import sampled

MODELS = sampled(torchvision.models.list_models(module=torchvision.models), 12)
# Name and input size of CNNs of every family of timm, its small members.
TIMM_SAMPLE = sampled((Path(__file__).parent / "timm_sample.txt").read_text().splitlines(), 24)


def torch_macs(model: nn.Module, *shape: int) -> int:
    """What FlopCounterMode counts; it counts 2 for each MAC."""
    with pytest.MonkeyPatch.context() as patch, FlopCounterMode(display=False) as counter, torch.no_grad():
        # Batch norm has no MACs but takes nine tenths of the time of a forward on meta.
        patch.setattr(F, "batch_norm", lambda x, *_, **__: x)
        model(torch.empty(shape, device="meta"))
    assert counter.get_total_flops() % 2 == 0
    return int(counter.get_total_flops() // 2)


@pytest.mark.parametrize("name", MODELS)
def test_totals_are_torchvisions(name: str, graph_of: Callable[..., Graph]) -> None:
    # Source: `_ops` of the weights of torchvision 0.29, in GMACs with three decimals, at the crop each states.
    for weights in torchvision.models.get_model_weights(name):
        facts = count_macs(graph_of(f"torchvision:{name}", weights.transforms().crop_size[0]))
        assert round(facts.macs / 1e9, 3) == weights.meta["_ops"]
        assert facts.uncounted == ()


@pytest.mark.parametrize("name", MODELS)
def test_totals_are_torchs(name: str, graph_of: Callable[..., Graph], build: Callable[..., nn.Module]) -> None:
    weights = next(iter(torchvision.models.get_model_weights(name)))
    size = weights.transforms().crop_size[0]
    assert count_macs(graph_of(f"torchvision:{name}", size)).macs == torch_macs(
        build(f"torchvision:{name}", size), 1, 3, size, size
    )


@pytest.mark.parametrize("row", TIMM_SAMPLE)
def test_timm_totals_are_torchs(row: str) -> None:
    name, size = row.split()
    with torch.device("meta"):
        model = timm.create_model(name).eval()
    shape = (1, 3, int(size), int(size))
    found = analyze(model, shape)
    facts, parameters = found.macs, found.parameters
    assert facts.uncounted == ()
    assert facts.macs == torch_macs(model, *shape)
    assert min(found.totals.receptive_field_px) > 1
    assert found.totals.peak_training_bytes > found.totals.activation_bytes > 0
    assert parameters.total == sum(weight.numel() for weight in model.parameters())
    assert sum(parameters.per_op) + parameters.num_unused == parameters.total
    assert found.memory.assumed == ()


class ScaledConv(nn.Conv2d):
    """A convolution by another name, as in weight-standardized networks."""

    def forward(self, x: Tensor) -> Tensor:
        mean, variance = self.weight.mean((1, 2, 3), keepdim=True), self.weight.var((1, 2, 3), keepdim=True)
        return F.conv2d(x, (self.weight - mean) * torch.rsqrt(variance + 1e-5), self.bias, padding=1)


def test_a_subclassed_convolution_counts() -> None:
    # thop and ptflops match exact types and lose 99 % of an nfnet.
    facts = count_macs(trace(ScaledConv(3, 8, 3), (1, 3, 10, 10)))
    assert facts.macs == 8 * 100 * 27


def test_nfnet_counts_its_convolutions(graph_of: Callable[..., Graph], build: Callable[..., nn.Module]) -> None:
    graph = graph_of("timm:dm_nfnet_f0", 192)
    facts = count_macs(graph)
    assert facts.uncounted == ()
    assert facts.macs == torch_macs(build("timm:dm_nfnet_f0", 192), 1, 3, 192, 192)
    standardized = [op for op in graph.ops if op.kind == "conv2d" and op.module_type == "ScaledStdConv2dSame"]
    assert sum(facts.per_op[op.index].macs for op in standardized) > 0.98 * facts.macs


def test_linear_on_nhwc_counts_every_pixel(graph_of: Callable[..., Graph]) -> None:
    # torchinfo counts a Linear once, whatever its leading axes: -96 % on ConvNeXt.
    assert count_macs(trace(nn.Linear(4, 8), (2, 7, 7, 4))).macs == 2 * 49 * 32
    graph = graph_of("torchvision:convnext_tiny")
    facts = count_macs(graph)
    linear = sum(cost.macs for op, cost in zip(graph.ops, facts.per_op, strict=True) if cost and op.kind == "linear")
    assert round(facts.macs / 1e9, 3) == 4.456
    assert linear > 0.9 * facts.macs


class CondConv(nn.Module):
    """A convolution whose kernel is mixed for each sample, run as one grouped convolution over the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.experts = nn.Parameter(torch.zeros(4, 8 * 3 * 9))
        self.route = nn.Linear(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        kernels = torch.matmul(torch.sigmoid(self.route(x.mean((2, 3)))), self.experts)
        out = F.conv2d(x.reshape(1, -1, *x.shape[2:]), kernels.view(-1, 3, 3, 3), padding=1, groups=len(x))
        return out.view(len(x), 8, *x.shape[2:])


def test_functional_weights_count_what_runs() -> None:
    # torchinfo multiplies the experts: +383 % on a CondConv EfficientNet.
    facts = count_macs(trace(CondConv(), (2, 3, 10, 10)))
    route, mix, conv = 2 * 3 * 4, 2 * 4 * 216, 2 * 8 * 100 * 27
    assert facts.macs == route + mix + conv


def test_published_condconv(graph_of: Callable[..., Graph], build: Callable[..., nn.Module]) -> None:
    name = "timm:tf_efficientnet_cc_b0_4e"
    facts, plain = count_macs(graph_of(name)), count_macs(graph_of("torchvision:efficientnet_b0"))
    assert facts.macs == torch_macs(build(name), 1, 3, 224, 224)
    assert 1 < facts.macs / plain.macs < 1.1


def test_a_module_called_twice_counts_twice_and_has_its_parameters_once() -> None:
    layer = nn.Linear(4, 4)
    graph = trace(nn.Sequential(layer, nn.ReLU(), layer), (1, 4))
    assert count_macs(graph).macs == 2 * 16
    assert count_parameters(graph).total == 20


class Attention(nn.Module):
    """Self-attention over the pixels of a map, through `nn.MultiheadAttention`."""

    def __init__(self, need_weights: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.need_weights = need_weights

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.conv(x).flatten(2).transpose(1, 2)
        return self.attend(tokens, tokens, tokens, need_weights=self.need_weights)[0]


@pytest.mark.parametrize("need_weights", [True, False])
def test_attention_inside_a_cnn(need_weights: bool) -> None:
    facts = count_macs(trace(Attention(need_weights), (2, 3, 4, 4)))
    conv, projections, attention = 2 * 8 * 16 * 27, 2 * 16 * 8 * 8 * 4, 2 * 2 * (16 * 16 * 4) * 2
    assert facts.macs == conv + projections + attention
    assert facts.uncounted == ()


@pytest.mark.parametrize(
    "layer",
    [
        *(nn.BatchNorm2d(8), nn.GroupNorm(2, 8), nn.InstanceNorm2d(8), nn.ReLU(), nn.Sigmoid(), nn.Softmax(1)),
        *(nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(3), nn.Upsample(scale_factor=2, mode="bilinear"), nn.LPPool2d(2, 2)),
        *(nn.LocalResponseNorm(3), nn.PReLU(), nn.Hardtanh(), nn.GELU(), nn.Mish(), nn.Softplus()),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_norms_activations_and_pooling_are_flops_only(layer: nn.Module) -> None:
    facts = count_macs(trace(layer.eval(), (2, 8, 6, 6)))
    assert facts.macs == 0 < facts.flops
    assert facts.uncounted == ()


def test_a_bias_is_flops_only() -> None:
    plain, biased = (count_macs(trace(nn.Conv2d(3, 8, 3, bias=bias), (2, 3, 10, 10))) for bias in (False, True))
    assert plain.macs == biased.macs == 2 * 8 * 64 * 27
    assert plain.flops == 2 * plain.macs
    assert biased.flops == plain.flops + 2 * 8 * 64


@pytest.mark.parametrize(
    "move",
    [
        lambda x: x.reshape(-1),
        lambda x: torch.cat([x, x]),
        lambda x: F.pad(x, (1, 1)),
        lambda x: x[:, ::2],
        lambda x: x.permute(0, 2, 3, 1).contiguous(),
        lambda x: torch.roll(x, 1, 2),
        lambda x: F.pixel_shuffle(x, 2),
        lambda x: F.dropout(x, 0.5, training=False),
    ],
)
def test_moving_numbers_is_known_to_cost_nothing(move: Callable[[Tensor], Tensor], forward: Any) -> None:
    facts = count_macs(trace(forward(move), (2, 8, 6, 6)))
    assert (facts.macs, facts.flops, facts.uncounted) == (0, 0, ())


def test_an_unknown_op_is_listed_and_not_counted(forward: Any) -> None:
    facts = count_macs(trace(nn.Sequential(nn.Conv2d(3, 8, 1), forward(torch.linalg.pinv)), (2, 3, 6, 4)))
    assert facts.per_op[1] is None
    assert [row.to_dict() for row in facts.uncounted] == [
        {"index": 1, "kind": "linalg_pinv", "path": "1", "output_shape": [2, 8, 4, 6]}
    ]
    assert facts.macs == 2 * 8 * 24 * 3


def test_plain_values_state_the_convention() -> None:
    plain = count_macs(trace(nn.Linear(2, 3), (1, 2))).to_dict()
    assert plain["convention"] == CONVENTION
    assert plain["per_op"] == [{"macs": 6, "flops": 15}]
    assert (plain["macs"], plain["flops"], plain["uncounted"]) == (6, 15, [])
