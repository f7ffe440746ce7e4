"""What a trace records, over the ways networks are written; and that it leaves no mark."""

import threading
from itertools import pairwise
from typing import Any

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from convwright.graph import Graph, trace

SMALL = (1, 3, 16, 16)


class Forward(nn.Module):
    """A module whose forward is a function; submodules by keyword."""

    def __init__(self, function: Any, **modules: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(self, *args, **kwargs)


def graph_of(function: Any, inputs: Any = SMALL, **modules: nn.Module) -> Graph:
    return trace(Forward(function, **modules).eval(), inputs)


def kinds(graph: Graph) -> list[str]:
    return [op.kind for op in graph.ops]


def test_loose_tensors_are_operands_too() -> None:
    for spelling in (lambda x: torch.einsum("nchw,ncij->nhi", x, x), lambda x: torch.einsum("nchw,ncij->nhi", [x, x])):
        op = graph_of(lambda _, x, f=spelling: f(x)).ops[0]
        assert (op.args["equation"], len(op.inputs)) == ("nchw,ncij->nhi", 2)
    assert len(graph_of(lambda _, x: torch.broadcast_tensors(x, x[:1])).ops[-1].inputs) == 2


def test_two_inputs_by_keyword_and_nested_outputs() -> None:
    def forward(_: nn.Module, image: Tensor, *, other: Tensor) -> dict[str, Any]:
        return {"out": image * 2, "boxes": [other + 1, (other,)], "count": 3}

    graph = graph_of(forward, {"image": SMALL, "other": torch.ones(2, 4, dtype=torch.int64)})
    assert [tensor.name for tensor in graph.inputs] == ["image", "other"]
    assert {name: tensor.shape for name, tensor in graph.outputs.items()} == {
        "out": SMALL,
        "boxes.0": (2, 4),
        "boxes.1.0": (2, 4),
    }
    assert graph.outputs["boxes.1.0"] is graph.inputs[1]
    assert graph.inputs[1].dtype == torch.int64


@pytest.mark.parametrize(("axes", "conv"), [(1, nn.Conv1d), (2, nn.Conv2d), (3, nn.Conv3d)])
def test_one_to_three_axes(axes: int, conv: Any) -> None:
    model = nn.Sequential(conv(3, 4, 3, padding="same"), getattr(nn, f"BatchNorm{axes}d")(4), nn.ReLU())
    model.append(getattr(nn, f"AvgPool{axes}d")(2)).append(getattr(nn, f"AdaptiveAvgPool{axes}d")(1))
    model.append(getattr(nn, f"ConvTranspose{axes}d")(4, 2, 2, stride=2))
    graph = trace(model, (2, 3, *[8] * axes))
    assert graph.outputs[""].shape == (2, 2, *[2] * axes)
    assert graph.ops[0].args["kernel_size"] == (3,) * axes
    assert kinds(graph)[-1] == f"conv_transpose{axes}d"


def test_shared_modules_and_repeated_calls() -> None:
    model = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())
    model.append(model[0])
    graph = trace(model, SMALL)
    assert [(op.path, op.call) for op in graph.ops] == [("0", 1), ("1", 1), ("0", 2)]
    assert graph.modules["0"].paths == ("0", "2")
    assert graph.modules["0"].num_calls == 2
    assert graph.parameters["0.weight"].names == ("0.weight", "2.weight")
    assert list(graph.parameters) == ["0.weight", "0.bias"]


def test_an_in_place_op_makes_a_new_tensor_in_the_old_storage() -> None:
    graph = graph_of(lambda _, x: (x + 1).relu_().mul(2))
    add, relu, mul = graph.ops
    assert relu.is_inplace
    assert relu.output.storage == add.output.storage != mul.output.storage
    assert mul.input is relu.output


def test_writing_into_a_view_reaches_the_whole() -> None:
    def forward(_: nn.Module, x: Tensor) -> Tensor:
        out = torch.zeros(1, 6, 16, 16)
        out[:, :3].copy_(x)
        out[:, 3:] = x * 2
        return out + 1

    graph = graph_of(forward)
    writers = [op for op in graph.ops if op.is_inplace]
    assert [op.kind for op in writers] == ["copy", "setitem"]
    assert graph.producer(graph.ops[-1].input) is writers[-1]
    assert graph.ops[-1].input in writers[-1].outputs


def test_views_share_a_storage() -> None:
    graph = graph_of(lambda _, x: x.flatten(1).t()[0].unsqueeze(0) + 0)
    assert kinds(graph) == ["flatten", "t", "getitem", "unsqueeze", "add"]
    assert {op.output.storage for op in graph.ops[:-1]} == {graph.inputs[0].id}
    assert not graph.ops[-1].output.is_alias


def test_a_computed_weight_is_an_op_output() -> None:
    class Standardized(nn.Conv2d):
        def forward(self, x: Tensor) -> Tensor:
            weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
            return F.conv2d(x, weight, self.bias)

    graph = trace(Standardized(3, 4, 3), SMALL)
    assert kinds(graph) == ["mean", "sub", "conv2d"]
    assert graph.producer(graph.ops[-1].args["weight"]) is graph.ops[1]
    assert graph.ops[-1].parameters == ("bias",)
    assert graph.ops[0].parameters == ("weight",)


def test_parametrized_weights_are_computed_in_the_trace() -> None:
    conv = nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3))
    graph = trace(conv, SMALL)
    assert kinds(graph)[-1] == "conv2d"
    assert graph.producer(graph.ops[-1].args["weight"]) is not None


class Gated(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return torch.sigmoid(x) * weight


class Unchanged(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.set_materialize_grads(False)
        return x


def test_a_custom_autograd_function_shows_the_ops_of_its_forward() -> None:
    gain = nn.Conv2d(3, 1, 1)
    graph = graph_of(lambda m, x: Unchanged.apply(Gated.apply(x + 1, m.gain.weight)).relu(), gain=gain)
    kinds_seen = [kind for kind in kinds(graph) if kind != "view_as"]  # torch makes a view of what is returned as is
    assert kinds_seen == ["add", "sigmoid", "mul", "relu"]
    assert all(later.input is earlier.output for earlier, later in pairwise(graph.ops))
    assert graph.outputs[""] is graph.ops[-1].output


def test_compiled_and_parallel_wrappers_leave_no_trace_in_paths() -> None:
    inner = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    for wrapped in (torch.compile(inner), nn.DataParallel(inner), nn.DataParallel(torch.compile(inner))):
        assert [op.path for op in trace(wrapped, SMALL).ops] == ["0", "1"]
    graph = trace(nn.Sequential(torch.compile(inner), nn.DataParallel(nn.ReLU())), SMALL)
    assert [op.path for op in graph.ops] == ["0.0", "0.1", "1"]
    assert list(graph.parameters) == ["0.0.weight", "0.0.bias"]


def test_a_module_compiled_in_place_runs_as_written() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    model.compile()
    assert kinds(trace(model, SMALL)) == ["conv2d", "relu"]


def test_half_precision_is_kept() -> None:
    graph = trace(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()).half(), SMALL)
    assert {op.output.dtype for op in graph.ops} == {torch.float16}
    assert graph.inputs[0].dtype == torch.float16


@pytest.mark.parametrize("training", [True, False])
def test_attention_shows_its_products(training: bool) -> None:
    attention = nn.MultiheadAttention(8, 2, batch_first=True).train(training)
    with torch.no_grad():
        graph = graph_of(lambda m, x: m.attention(x, x, x, need_weights=False)[0], (2, 5, 8), attention=attention)
    assert kinds(graph).count("linear") == 2
    assert "scaled_dot_product_attention" in kinds(graph)
    assert graph.outputs[""].shape == (2, 5, 8)


def test_an_encoder_layer_takes_no_fast_path() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()
    with torch.no_grad():
        assert kinds(trace(layer, (2, 5, 8))).count("linear") == 4


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpointed_parts_are_seen(reentrant: bool) -> None:
    def forward(m: Any, x: Tensor) -> Tensor:
        return checkpoint(m.conv, x + 1, use_reentrant=reentrant).relu()

    graph = graph_of(forward, conv=nn.Conv2d(3, 4, 1))
    assert kinds(graph) == ["add", "conv2d", "relu"]
    assert graph.ops[2].input is graph.ops[1].output


def test_other_calls() -> None:
    def forward(m: Any, x: Tensor) -> Any:
        x = torchvision.ops.stochastic_depth(x, 0.5, "row", training=True)
        y = torch.einsum("nchw,ndhw->ncd", x, x)
        a, b = x.chunk(2, 1)
        for row in y.unbind(1):
            y = y + row.max(dim=-1, keepdim=True).values.unsqueeze(1)
        return y, torch.ops.torchvision.roi_align(a, torch.zeros(2, 5), 1.0, 4, 4, 2, False), m.lstm(b.flatten(2))[0]

    graph = graph_of(forward, lstm=nn.LSTM(256, 8, batch_first=True))
    assert {"einsum", "unbind", "max", "roi_align", "lstm"} <= set(kinds(graph))
    assert [t.shape for t in graph.outputs.values()] == [(1, 3, 3), (2, 2, 4, 4), (1, 1, 8)]


def test_constants_made_in_forward_are_no_ops() -> None:
    graph = graph_of(lambda _, x: x + torch.arange(16, device=x.device) + torch.zeros_like(x) + x.new_ones(1))
    assert kinds(graph) == ["add"] * 3
    assert [op.inputs[1].role for op in graph.ops] == ["constant"] * 3


def test_the_model_sees_its_own_device() -> None:
    seen: list[Any] = []
    graph_of(lambda _, x: seen.extend([x.device, x.is_cuda, x.is_cpu, x.cpu().device, x.to("cpu").is_meta]))
    assert seen == [torch.device("cpu"), False, True, torch.device("cpu"), False]


def test_a_model_on_meta() -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    assert kinds(trace(model, SMALL)) == ["conv2d", "batch_norm"]


def test_train_mode_counts_no_batches() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, momentum=None)).train()
    graph = trace(model, SMALL)
    assert kinds(graph) == ["conv2d", "batch_norm"]
    assert graph.ops[1].args["training"] is True
    assert int(model[1].num_batches_tracked) == 0
    assert torch.equal(model[1].running_mean, torch.zeros(4))


def test_the_cost_is_linear_in_ops() -> None:
    blocks = [nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.ReLU()) for _ in range(1700)]
    model = nn.Sequential(*blocks).eval()
    graph = trace(model, (1, 3, 4, 4))
    assert len(graph.ops) == 5100
    assert [op.index for op in graph.ops] == list(range(5100))


def test_numbers_of_the_models_own_tensors_may_be_read() -> None:
    model = Forward(lambda m, x: x * 2 if m.flag else x)
    model.register_buffer("flag", torch.tensor(True))
    assert kinds(trace(model, SMALL)) == ["mul"]


def test_a_tensor_beside_numbers_in_an_index_is_an_input() -> None:
    op = graph_of(lambda _, x: x[0, x.argmax(1).flatten()[:2] * 0]).ops[-1]
    assert op.kind == "getitem"
    assert [tensor.ndim for tensor in op.inputs] == [4, 1]
    assert op.args["index"] == (0, op.inputs[1])


def test_gradient_marks_have_no_effect() -> None:
    def forward(m: Any, x: Tensor) -> Tensor:
        m.conv.weight.requires_grad_(False)
        m.conv.bias.requires_grad = False
        y = m.conv(x.requires_grad_())
        y.register_hook(print).remove()
        y.retain_grad()
        return y

    conv = nn.Conv2d(3, 4, 1)
    assert kinds(graph_of(forward, conv=conv)) == ["conv2d"]
    assert conv.weight.requires_grad
    assert conv.bias is not None
    assert conv.bias.requires_grad


def test_another_thread_may_run_a_model_meanwhile() -> None:
    def forward(_: nn.Module, x: Tensor) -> Tensor:
        other = threading.Thread(target=nn.ReLU(), args=(torch.ones(2),))
        other.start()
        other.join()
        return x + 1

    graph = graph_of(forward)
    assert [(op.kind, op.path) for op in graph.ops] == [("add", "")]
