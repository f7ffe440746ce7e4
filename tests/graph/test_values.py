"""A model that needs numbers is computed once under the recorder; every fact is recorded as without them."""

import sys
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.rpn import AnchorGenerator
from torchvision.models.resnet import BasicBlock, ResNet
from torchvision.ops import MultiScaleRoIAlign

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.graph import Graph, trace
from convwright.graph.failure import DataDependentError
from convwright.graph.value_read import ValueRead, value_notes

SMALL = (1, 3, 16, 16)
tracing = sys.modules[trace.__module__]


class Forward(nn.Module):
    """A convolution, a batch norm and a linear layer, and a function that uses them."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function
        self.conv, self.norm, self.linear = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(3), nn.Linear(3, 2)

    def forward(self, *args: Any) -> Any:
        return self.function(self, *args)


def graph_of(function: Any, inputs: Any = SMALL) -> Graph:
    return trace(Forward(function).eval(), inputs)


def kinds(graph: Graph) -> list[str]:
    return [op.kind for op in graph]


def computed(model: nn.Module, inputs: Any) -> dict[str, Any]:
    tree = tracing._tree_of(model)
    return tracing._trace(tree, inputs, ValueRead(name="if", path="", place=None)).to_dict()


@pytest.mark.parametrize(
    ("function", "kinds_after", "read"),
    [
        (lambda m, x: m.conv(x) if x.mean() > 0 else x, ["conv2d"], "if"),
        (lambda m, x: m.linear(x.movedim(1, -1)[x[:, 0] > 0.5]), ["getitem", "linear"], "getitem"),
        (lambda m, x: m.linear(x[0, :, 0].t()[x[0, 0, 0].nonzero()[:, 0]]), ["getitem", "linear"], "nonzero"),
        (lambda m, x: m.conv(x[..., : 4 + int(x.mean().item())]), ["getitem", "conv2d"], "item"),
        (lambda m, x: m.conv(torch.from_numpy(x.numpy() * np.float32(2))), ["conv2d"], "numpy"),
        (lambda _, x: torch.unique((x * 4).int(), return_counts=True), ["int", "unique"], "unique"),
        (lambda _, x: torch.equal(x, x) and x.relu(), ["relu"], "equal"),
        (lambda _, x: (x.max().item(), (x + 1).unsqueeze_(0))[1].mul_(2), ["unsqueeze", "mul"], "item"),
    ],
)
def test_what_needs_numbers_is_recorded_with_the_call_that_needs_them(
    function: Any, kinds_after: list[str], read: str
) -> None:
    graph = graph_of(function)
    assert kinds(graph)[-len(kinds_after) :] == kinds_after
    assert graph.depends_on_values[0].name == read
    assert graph.depends_on_values[0].place.file == __file__
    assert graph.to_dict()["depends_on_values"][0]["place"]["line"] == graph.depends_on_values[0].place.line


def test_numbers_are_those_of_the_input_or_of_an_image() -> None:
    def forward(m: Any, x: Tensor, ids: Tensor) -> Tensor:
        return m.conv(x) if x.min() < 0 else x[..., : int(x.max()) + int(ids.sum())]

    ids = torch.empty(1, 2, dtype=torch.int64, device="meta")
    assert kinds(graph_of(forward, [torch.full(SMALL, -1.0), ids]))[-1] == "conv2d"
    assert graph_of(forward, [SMALL, ids]).outputs[""].shape == (1, 3, 16, 2)


def test_lengths_of_packed_sequences() -> None:
    def forward(m: Any, x: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return m.linear(packed.data)

    assert graph_of(forward, [(2, 5, 3), torch.tensor([2, 5])]).outputs[""].shape == (7, 2)


def test_views_and_in_place_ops_share_memory_as_their_numbers_do() -> None:
    def forward(_: nn.Module, x: Tensor) -> Tensor:
        out = torch.zeros(1, 2, 16, 16)
        out[:, 0].add_(1)[x[:, 0] > 2] = 7.0
        return x if out.sum() == 256 else x.relu()  # 256 ones, and no 7

    graph = graph_of(forward)
    assert "relu" not in kinds(graph)
    written, summed = (next(op for op in graph if op.kind == kind) for kind in ("setitem", "sum"))
    assert summed.input in written.outputs


def test_nothing_of_the_model_changes() -> None:
    model = Forward(lambda m, x: m.norm(x + torch.rand(())) if x.mean() > 0 else x).train()
    before, state = {name: each.clone() for name, each in model.state_dict().items()}, torch.get_rng_state()
    with torch.no_grad():
        graph = trace(model, SMALL)
    assert kinds(graph)[-1] == "batch_norm"
    assert all(op.tracks_gradients for op in graph)
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("training", [False, True])
def test_a_network_that_needs_no_numbers_gives_the_same_graph_with_them(training: bool) -> None:
    small = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Dropout(), nn.Flatten())
    for model in (small, ResNet(BasicBlock, [1, 1, 1, 1], 2)):
        graph = trace(model.train(training), (2, 3, 32, 32))
        assert not graph.depends_on_values
        assert {**computed(model, (2, 3, 32, 32)), "depends_on_values": []} == graph.to_dict()


def test_a_detector_costs_what_torch_counts() -> None:
    backbone = nn.Sequential(nn.Conv2d(3, 8, 3, stride=4), nn.BatchNorm2d(8), nn.ReLU())
    backbone.out_channels = 8
    model = FasterRCNN(
        backbone,
        num_classes=3,
        min_size=32,
        rpn_anchor_generator=AnchorGenerator(sizes=((8, 16),), aspect_ratios=((1.0,),)),
        box_roi_pool=MultiScaleRoIAlign(["0"], output_size=3, sampling_ratio=2),
    )
    image = torch.rand(3, 32, 32)
    found = analyze(model.eval(), [[image]])
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model([image])
    assert found.graph.depends_on_values
    assert 2 * found.totals.macs == counter.get_total_flops()
    assert found.totals.parameters == sum(each.numel() for each in model.parameters())


def test_it_may_be_forbidden() -> None:
    with pytest.raises(DataDependentError, match=r"depends on data.*torch\.where.*let the trace compute"):
        trace(Forward(lambda _, x: x if x.sum() > 0 else -x), SMALL, values=False)


def test_a_model_without_numbers_is_an_error() -> None:
    with torch.device("meta"):
        model = Forward(lambda m, x: m.conv(x) if x.sum() > 0 else -x)
    with pytest.raises(DataDependentError, match="depends on data"):
        trace(model, SMALL)


def test_a_model_that_does_not_fit_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "free_memory", lambda: 0)
    with pytest.raises(DataDependentError, match="depends on data"):
        graph_of(lambda _, x: x if x.sum() > 0 else -x)


def test_want_of_memory_is_the_error_of_a_trace_on_shapes() -> None:
    with pytest.raises(DataDependentError, match="depends on data"):
        graph_of(lambda _, x: x.new_zeros(2**46) if x.sum() > 0 else -x)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda _, x: x[x > 2].max(), r"max at .*test_values.py:\d+ fails: .*\(0,\)"),
        (lambda m, x: m.linear(x[x < 2]), r"expected 3 features, got 768 .* from getitem; set in_features=768"),
        (lambda _, x: [][int(x.sum() * 0)], "raised IndexError"),
    ],
)
def test_what_fails_on_numbers_says_where_they_were_needed(function: Any, message: str) -> None:
    with pytest.raises(
        ConvwrightError, match=rf"{message}.*for this input: the path depends on values, at .*test_values"
    ):
        graph_of(function)


def test_numbers_that_leave_torch_are_told_of() -> None:
    notes = value_notes(graph_of(lambda m, x: m.conv(torch.tensor(x.numpy()))).depends_on_values)
    assert "numbers leave torch" in notes[1]
    assert "(numpy)" in notes[1]
