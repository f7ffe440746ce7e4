"""Every closed-form rule is held to torch's own meta kernel: same shape, strides and dtype, or no answer."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from convwright.graph.callees import callee_of
from convwright.graph.layout import TensorLayout
from convwright.graph.shape_rules import RULES
from convwright.graph.tensor_table import TensorTable

SIZES = st.integers(1, 9)
DTYPES = st.sampled_from([torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64])


@st.composite
def maps(draw: st.DrawFn, axes: int = 2, channels: int | None = None, dtype: torch.dtype | None = None) -> Tensor:
    """A (N, C, ...) tensor in one of the layouts networks use, sliced and transposed ones included."""
    shape = (draw(st.integers(1, 3)), channels or draw(st.integers(1, 8)), *(draw(SIZES) for _ in range(axes)))
    x = torch.empty(shape, dtype=dtype or draw(DTYPES), device="meta")
    layout = draw(st.sampled_from(["rows", "rows", "channels_last", "transposed", "sliced", "permuted"]))
    if layout == "channels_last" and axes in (2, 3):
        return x.to(memory_format=torch.channels_last if axes == 2 else torch.channels_last_3d)
    if layout == "transposed":
        return x.transpose(-1, -2)
    if layout == "permuted":
        order = draw(st.permutations(range(x.ndim)))
        return x.permute(order).contiguous().permute([order.index(axis) for axis in range(x.ndim)])
    return torch.cat([x, x], 1)[:, : shape[1]] if layout == "sliced" else x


def meta(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.empty(shape, dtype=dtype, device="meta")


def answer(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    callee = callee_of(function)
    bound = callee.signature.bind(args, kwargs)
    ledger = TensorTable({}, on_meta=True)
    facts = {name: ledger.facts_in(value, []) for name, value in bound.items()}
    callee.signature.canonical(facts)
    assert callee.rule is not None
    return callee.rule(facts)


def holds(function: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Whether the rule answered; fails unless what it says is what the kernel does."""
    says = answer(function, *args, **kwargs)
    if says is None:
        return False
    does = function(*args, **kwargs)
    says, does = ([says], [does]) if isinstance(says, TensorLayout) else (says, does)
    assert [(x.shape, x.stride, x.dtype) for x in says] == [(tuple(t.shape), t.stride(), t.dtype) for t in does]
    storage = args[0].untyped_storage()._cdata if isinstance(args[0], Tensor) else None
    assert [x.is_view for x in says] == [t.untyped_storage()._cdata == storage for t in does]
    return True


ACTIVATIONS = [
    *(F.relu, F.relu6, F.silu, F.gelu, F.sigmoid, F.tanh, F.hardswish, F.hardsigmoid, F.hardtanh, F.leaky_relu),
    *(F.elu, F.mish, F.softplus, torch.relu, torch.Tensor.sigmoid),
]


@given(maps(), st.sampled_from(ACTIVATIONS))
def test_activations_keep_everything(x: Tensor, activation: Callable[..., Any]) -> None:
    if x.dtype.is_floating_point:
        holds(activation, x)


@given(maps(), st.booleans(), st.integers(-4, 3), st.sampled_from([0.0, 0.5, 1.0]))
def test_dropout_and_softmax(x: Tensor, training: bool, dim: int, probability: float) -> None:
    if x.dtype.is_floating_point:
        holds(F.dropout, x, probability, training)
        holds(torch.softmax, x, dim)


@given(st.data(), st.integers(1, 3))
def test_convolutions(data: st.DataObject, axes: int) -> None:
    function = (F.conv1d, F.conv2d, F.conv3d)[axes - 1]
    groups, per_group, out = (data.draw(st.integers(1, 3)) for _ in range(3))
    x = data.draw(maps(axes, groups * per_group))
    weight = meta(out * groups, per_group, *(data.draw(st.integers(1, 4)) for _ in range(axes)), dtype=x.dtype)
    bias = data.draw(st.sampled_from([None, meta(out * groups, dtype=x.dtype)]))
    stride, padding, dilation = (data.draw(st.integers(low, 3)) for low in (1, 0, 1))
    if answer(function, x, weight, bias, stride, padding, dilation, groups):
        assert holds(function, x, weight, bias, stride, padding, dilation, groups)


@given(st.data(), st.sampled_from([F.max_pool2d, F.max_pool3d, F.avg_pool2d, F.avg_pool3d]))
def test_pooling(data: st.DataObject, function: Callable[..., Any]) -> None:
    x = data.draw(maps(3 if "3" in callee_of(function).kind.name else 2))
    kernel, padding = data.draw(st.integers(1, 4)), data.draw(st.integers(0, 2))
    stride = data.draw(st.sampled_from([None, 1, 2, 3]))
    holds(function, x, kernel, stride, padding, ceil_mode=data.draw(st.booleans()))


@given(maps(), maps(3), st.integers(1, 7))
def test_adaptive_average_pooling(x: Tensor, volume: Tensor, size: int) -> None:
    holds(F.adaptive_avg_pool2d, x, (size, None))
    holds(F.adaptive_avg_pool3d, volume, size)


@given(maps(), st.booleans(), st.booleans())
def test_batch_norm(x: Tensor, training: bool, affine: bool) -> None:
    if x.dtype.is_floating_point:
        vectors = [meta(x.shape[1], dtype=x.dtype) for _ in range(4)]
        affine_pair = vectors[2:] if affine else [None, None]
        if answer(F.batch_norm, x, *vectors[:2], *affine_pair, training):
            assert holds(F.batch_norm, x, *vectors[:2], *affine_pair, training)


@given(maps(), st.integers(1, 3))
def test_layer_norm(x: Tensor, last: int) -> None:
    if x.dtype.is_floating_point:
        shape = tuple(x.shape[-last:])
        holds(F.layer_norm, x, shape, meta(*shape, dtype=x.dtype), meta(*shape, dtype=x.dtype))


@given(maps(), st.integers(1, 5), st.booleans())
def test_linear(x: Tensor, out: int, has_bias: bool) -> None:
    holds(F.linear, x, meta(out, x.shape[-1], dtype=x.dtype), meta(out, dtype=x.dtype) if has_bias else None)


@given(st.data(), st.sampled_from([torch.add, torch.sub, torch.mul, torch.div, torch.Tensor.__rsub__]))
def test_arithmetic(data: st.DataObject, function: Callable[..., Any]) -> None:
    x = data.draw(maps())
    gate = [1 if data.draw(st.booleans()) else size for size in x.shape]
    other = data.draw(
        st.sampled_from([2, 0.5, x, torch.empty_like(x), meta(*gate), meta(*gate, dtype=x.dtype), meta(x.shape[-1])])
    )
    holds(function, x, other)
    if isinstance(other, Tensor):
        holds(function, other, x)


@given(
    st.sampled_from([torch.float32, torch.bfloat16]), st.permutations(range(4)), st.integers(1, 3), st.integers(1, 3)
)
def test_attention(dtype: torch.dtype, order: list[int], heads: int, extra: int) -> None:
    """Against the fused kernel: that of the meta device is another."""
    x = torch.zeros(2, heads, 5, 4, dtype=dtype).permute(order).contiguous()
    query = x.permute([order.index(axis) for axis in range(4)])
    key = torch.zeros(2, heads, 5 + extra, 4, dtype=dtype)
    assert holds(F.scaled_dot_product_attention, query, key, key) == (query.stride(3) == 1)


@given(maps(), st.integers(-4, 3))
def test_unbind(x: Tensor, dim: int) -> None:
    assert holds(torch.unbind, x, dim)


@given(st.lists(maps(channels=4, dtype=torch.float16), min_size=1, max_size=3), st.integers(-4, 3))
def test_cat(tensors: list[Tensor], dim: int) -> None:
    says = answer(torch.cat, tensors, dim)
    if says is not None:
        does = torch.cat(tensors, dim)
        assert (says.shape, says.stride, says.dtype) == (tuple(does.shape), does.stride(), does.dtype)


@given(maps(), st.integers(-4, 3), st.integers(-4, 3))
def test_flatten_and_transpose(x: Tensor, first: int, second: int) -> None:
    holds(torch.flatten, x, first, second) if first % 4 <= second % 4 else None
    holds(torch.transpose, x, first, second)


@given(maps(), st.data())
def test_views(x: Tensor, data: st.DataObject) -> None:
    shape = data.draw(st.permutations([x.shape[0], x.shape[1] * x.shape[2], x.shape[3], 1]))
    if data.draw(st.booleans()):
        shape[data.draw(st.integers(0, 3))] = -1
    holds(torch.reshape, x, shape)
    if x.is_contiguous():
        holds(torch.Tensor.view, x, *shape)
    holds(torch.permute, x, data.draw(st.permutations(range(-4, 0))))


@given(maps(), st.lists(st.integers(-4, 3), min_size=1, max_size=3), st.booleans())
def test_mean(x: Tensor, dims: list[int], keepdim: bool) -> None:
    if len({dim % 4 for dim in dims}) == len(dims):
        holds(torch.mean, x, dims, keepdim)


@given(maps(), st.integers(1, 5))
def test_matmul(x: Tensor, columns: int) -> None:
    holds(torch.matmul, x, meta(*x.shape[:-2], x.shape[-1], columns, dtype=x.dtype))
    holds(torch.matmul, x[0, 0], meta(x.shape[-1], columns, dtype=x.dtype))


@given(maps(), st.integers(1, 5), st.integers(-4, 3))
def test_pieces(x: Tensor, number: int, dim: int) -> None:
    holds(torch.chunk, x, number, dim)
    holds(torch.split, x, number, dim)


def recurrent(kind: type[nn.RNNBase], x: Tensor, *sizes: int, **options: Any) -> tuple[Callable[..., Any], Any]:
    """Return the call that a recurrent layer makes."""
    layer = kind(x.shape[2], *sizes, **options).to("meta", x.dtype)
    directions, batch = 2 if layer.bidirectional else 1, x.shape[0 if layer.batch_first else 1]
    states = [
        meta(layer.num_layers * directions, batch, n, dtype=x.dtype) for n in (layer.proj_size, layer.hidden_size)
    ]
    states[0] = states[0] if layer.proj_size else states[1]
    hx = tuple(states) if kind is nn.LSTM else states[1]
    function = {nn.LSTM: torch.lstm, nn.GRU: torch.gru, nn.RNN: torch.rnn_tanh}[kind]
    weights = [weight.detach() for weight in layer._flat_weights]
    return function, (
        *(x, hx, weights, layer.bias, layer.num_layers, 0.0, False),
        *(layer.bidirectional, layer.batch_first),
    )


def quantized(x: Tensor) -> Tensor:
    with warnings.catch_warnings():  # that torch will do without them some day
        warnings.simplefilter("ignore")
        return torch.quantize_per_tensor(x, 0.1, 0, torch.qint8)


def test_dequantize() -> None:
    assert holds(torch.dequantize, quantized(torch.zeros(2, 3, 4, 5).transpose(1, 2)))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (nn.LSTM, {"batch_first": True, "bidirectional": True}),
        (nn.LSTM, {"proj_size": 3, "num_layers": 2, "bias": False}),
        (nn.GRU, {"batch_first": True}),
        (nn.GRU, {"num_layers": 2, "bidirectional": True}),
        (nn.RNN, {}),
    ],
)
def test_recurrent_layers(kind: type[nn.RNNBase], options: dict[str, Any]) -> None:
    for shape in ((2, 3, 4), (1, 2, 4), (2, 1, 4)):
        for x in (meta(*shape), meta(shape[1], shape[0], 4).transpose(0, 1)):
            function, args = recurrent(kind, x, 5, **options)
            assert holds(function, *args)
    for other in (x[..., :3], x.double(), x[0]):
        assert answer(function, other, *args[1:]) is None


X = meta(2, 8, 6, 6)
USUAL: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (F.conv1d, (meta(2, 8, 6), meta(4, 8, 3))),
    (F.conv2d, (X, meta(4, 8, 3, 3), None, 2, 1)),
    (F.conv3d, (meta(2, 8, 6, 6, 6), meta(4, 8, 3, 3, 3))),
    *((activation, (X,)) for activation in ACTIVATIONS),
    *((function, (X, X)) for function in (torch.add, torch.sub, torch.mul, torch.div)),
    (torch.mul, (X, meta(2, 8, 1, 1))),
    (torch.add, (X, 1)),
    *((function, (X, 2)) for function in (F.max_pool2d, F.avg_pool2d)),
    *((function, (meta(2, 8, 6, 6, 6), 2)) for function in (F.max_pool3d, F.avg_pool3d)),
    (F.adaptive_avg_pool2d, (X, 1)),
    (F.adaptive_avg_pool3d, (meta(2, 8, 6, 6, 6), 1)),
    (F.batch_norm, (X, meta(8), meta(8), meta(8), meta(8))),
    (F.layer_norm, (X, (6,), meta(6), meta(6))),
    (F.linear, (X, meta(4, 6), meta(4))),
    (torch.dequantize, (quantized(torch.zeros(2, 3)),)),
    *(recurrent(kind, meta(2, 3, 4), 5) for kind in (nn.LSTM, nn.GRU, nn.RNN)),
    (torch.rnn_relu, recurrent(nn.RNN, meta(2, 3, 4), 5)[1]),
    (F.dropout, (X, 0.5, False)),
    (torch.softmax, (X, -1)),
    (torch.cat, ([X, X], 1)),
    (torch.flatten, (X, 1)),
    (torch.Tensor.view, (X, 2, -1)),
    (torch.reshape, (X, (2, 288))),
    (torch.permute, (X, (0, 2, 3, 1))),
    (torch.transpose, (X, 1, 2)),
    (torch.mean, (X, (2, 3))),
    (torch.matmul, (X, X)),
    (torch.chunk, (X, 2, 1)),
    (torch.split, (X, 2, 1)),
    (torch.unbind, (X, 1)),
    (F.scaled_dot_product_attention, (torch.zeros(2, 3, 5, 4),) * 3),
]


def test_every_rule_answers_the_usual_call() -> None:
    answered = [holds(function, *args) for function, args in USUAL if function is not torch.cat]
    assert all(answered)
    assert answer(torch.cat, [X, X], 1) is not None
    assert {callee_of(function).kind.name for function, _ in USUAL} == set(RULES)
