"""Every product rule against two judges: a sum of products of ones (each adds 1), and torch's own counter."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
import torch.nn.functional as F
import torchvision
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from convwright.analysis.macs import count_macs
from convwright.analysis.op_cost import OpCost
from convwright.graph import trace

CONVOLUTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def ones(*shape: int) -> Tensor:
    return torch.ones(shape, dtype=torch.float64)


def cost_of(forward: Any, function: Callable[..., Tensor], *tensors: Tensor) -> OpCost:
    facts = count_macs(trace(forward(function), list(tensors)))
    assert facts.uncounted == ()
    return OpCost(facts.macs, facts.flops)


def torch_macs(function: Callable[..., Tensor], *tensors: Tensor) -> int:
    with FlopCounterMode(display=False) as counter:
        function(*tensors)
    return int(counter.get_total_flops()) // 2


@given(st.data(), st.integers(1, 3), st.integers(1, 2), st.booleans())
def test_convolutions(forward: Any, data: st.DataObject, axes: int, groups: int, biased: bool) -> None:
    small = st.integers(1, 3)
    n, c_in, c_out = data.draw(small), groups * data.draw(small), groups * data.draw(small)
    sizes = [data.draw(st.integers(4, 7)) for _ in range(axes)]
    kernel = [data.draw(st.integers(1, 2)) for _ in range(axes)]
    stride, padding, dilation = (data.draw(st.integers(low, 2)) for low in (1, 0, 1))
    x, weight = ones(n, c_in, *sizes), ones(c_out, c_in // groups, *kernel)
    bias = ones(c_out) if biased else None
    options = {"stride": stride, "dilation": dilation, "groups": groups}

    def convolve(x: Tensor) -> Tensor:
        return CONVOLUTIONS[axes](x, weight, bias, padding=padding, **options)

    # A border of ones, so that taps in the padding count, as they do for the hardware.
    products = CONVOLUTIONS[axes](F.pad(x, (padding, padding) * axes, value=1.0), weight, **options)
    expected = int(products.sum())
    assert cost_of(forward, convolve, x) == (expected, 2 * expected + biased * products.numel())
    assert torch_macs(convolve, x) == expected


@given(st.data(), st.integers(1, 3), st.integers(1, 2))
def test_transposed_convolutions(forward: Any, data: st.DataObject, axes: int, groups: int) -> None:
    small = st.integers(1, 3)
    n, c_in, c_out = data.draw(small), groups * data.draw(small), groups * data.draw(small)
    sizes = [data.draw(st.integers(2, 4)) for _ in range(axes)]
    kernel, stride, padding = data.draw(st.integers(2, 3)), data.draw(small), data.draw(st.integers(0, 1))
    x, weight = ones(n, c_in, *sizes), ones(c_in, c_out // groups, *[kernel] * axes)

    def spread(x: Tensor) -> Tensor:
        return TRANSPOSED[axes](x, weight, None, stride, padding, 0, groups)

    # Every input is multiplied into each tap; without padding no product is cut off.
    expected = int(TRANSPOSED[axes](x, weight, None, stride, 0, 0, groups).sum())
    assert cost_of(forward, spread, x) == (expected, 2 * expected)
    assert torch_macs(spread, x) == expected


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(1, 5), st.booleans())
def test_linear_on_any_axes(forward: Any, shape: list[int], features: int, biased: bool) -> None:
    x, weight = ones(*shape), ones(features, shape[-1])
    bias = ones(features) if biased else None
    products = F.linear(x, weight)
    expected = int(products.sum())
    assert cost_of(forward, lambda x: F.linear(x, weight, bias), x) == (
        expected,
        2 * expected + biased * products.numel(),
    )


@given(st.data(), st.integers(1, 4), st.integers(1, 4))
def test_matmul(forward: Any, data: st.DataObject, left_axes: int, right_axes: int) -> None:
    batch = [data.draw(st.integers(1, 3)) for _ in range(2)]
    rows, inner, columns = (data.draw(st.integers(1, 4)) for _ in range(3))
    left = ones(*[*batch, rows, inner][-left_axes:])
    right = ones(*([inner] if right_axes == 1 else [*batch, inner, columns][-right_axes:]))
    expected = int(torch.matmul(left, right).sum())
    assert cost_of(forward, torch.matmul, left, right) == (expected, 2 * expected)
    assert cost_of(forward, lambda x, y: x @ y, left, right).macs == expected


PRODUCTS: list[tuple[Callable[..., Tensor], tuple[tuple[int, ...], ...]]] = [
    (torch.mm, ((2, 3), (3, 4))),
    (torch.bmm, ((5, 2, 3), (5, 3, 4))),
    (torch.mv, ((2, 3), (3,))),
    (torch.dot, ((3,), (3,))),
    (torch.inner, ((2, 3), (4, 3))),
    (torch.outer, ((2,), (3,))),
    (torch.kron, ((2, 3), (3, 2))),
    (lambda a, b: torch.tensordot(a, b, 2), ((2, 3, 4), (3, 4, 5))),
    (lambda a, b: torch.tensordot(a, b, dims=([0], [1])), ((2, 3, 4), (3, 2, 5))),
    (torch.linalg.matmul, ((2, 3), (3, 4))),
]


@pytest.mark.parametrize(("function", "shapes"), PRODUCTS)
def test_other_products(function: Callable[..., Tensor], shapes: Any, forward: Any) -> None:
    tensors = [ones(*shape) for shape in shapes]
    expected = int(function(*tensors).sum())
    assert cost_of(forward, function, *tensors) == (expected, 2 * expected)


ADDED: list[tuple[Callable[..., Tensor], tuple[tuple[int, ...], ...]]] = [
    (torch.addmm, ((2, 4), (2, 3), (3, 4))),
    (torch.addmm, ((4,), (2, 3), (3, 4))),
    (torch.baddbmm, ((5, 2, 4), (5, 2, 3), (5, 3, 4))),
    (torch.addbmm, ((2, 4), (5, 2, 3), (5, 3, 4))),
    (torch.addmv, ((2,), (2, 3), (3,))),
    (torch.addr, ((2, 3), (2,), (3,))),
]


@pytest.mark.parametrize(("function", "shapes"), ADDED)
def test_products_added_to_a_start(function: Callable[..., Tensor], shapes: Any, forward: Any) -> None:
    start, *factors = (ones(*shape) for shape in shapes)
    result = function(torch.zeros_like(start), *factors)
    expected = int(result.sum())
    assert cost_of(forward, function, start, *factors) == (expected, 2 * expected + result.numel())


@given(st.data(), st.integers(2, 3), st.booleans())
def test_einsum(forward: Any, data: st.DataObject, num_operands: int, dots: bool) -> None:
    sizes = {letter: data.draw(st.integers(2, 3)) for letter in "abcd"}
    terms = [data.draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=3)) for _ in range(num_operands)]
    used = sorted({letter for term in terms for letter in term})
    kept = data.draw(st.lists(st.sampled_from(used), unique=True)) if used else []
    prefix = "..." if dots else ""
    equation = ",".join(prefix + "".join(term) for term in terms) + "->" + prefix + "".join(kept)
    hidden = [2, 3] if dots else []
    tensors = [ones(*hidden, *(sizes[letter] for letter in term)) for term in terms]
    assume(all(tensor.ndim for tensor in tensors))

    def contract(*operands: Tensor) -> Tensor:
        return torch.einsum(equation, *operands)

    cost = cost_of(forward, contract, *tensors)
    if num_operands == 2:
        # torch multiplies element by element where nothing is summed, which its counter does not see.
        counted = torch_macs(contract, *tensors)
        assert counted in (cost.macs, 0)
        lonely = [axis for axis in used if sum(axis in term for term in terms) == 1 and axis not in kept]
        if not lonely:
            assert cost.macs == int(contract(*tensors).sum())
            assert cost.flops == 2 * cost.macs
    elif not torch.backends.opt_einsum.is_available():
        assert torch_macs(contract, *tensors) <= cost.macs
    assert cost.flops >= 2 * cost.macs


@pytest.mark.parametrize(
    ("equation", "shapes", "macs", "flops"),
    [
        ("ij->i", [(2, 3)], 0, 6),
        ("ij->ji", [(2, 3)], 0, 0),
        ("ij,jk", [(2, 3), (3, 4)], 24, 48),
        ("ij,k->k", [(2, 3), (4,)], 4, 8 + 6),  # `ij` is summed before it is multiplied
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)], 24 + 40, 128),
        ("...ij,...jk->...ik", [(7, 2, 3), (3, 4)], 7 * 24, 14 * 24),
    ],
)
def test_einsum_by_hand(equation: str, shapes: list[tuple[int, ...]], macs: int, flops: int, forward: Any) -> None:
    tensors = [ones(*shape) for shape in shapes]
    assert cost_of(forward, lambda *x: torch.einsum(equation, *x), *tensors) == (macs, flops)


@given(st.lists(st.integers(1, 4), min_size=6, max_size=6), st.booleans())
def test_attention(forward: Any, sizes: list[int], causal: bool) -> None:
    n, heads, queries, keys, depth, width = sizes
    query, key, value = ones(n, heads, queries, depth), ones(n, heads, keys, depth), ones(n, heads, keys, width)

    def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(query, key, value, is_causal=causal)

    scores = int((query @ key.mT).sum())
    mix = int((ones(n, heads, queries, keys) @ value).sum())
    cost = cost_of(forward, attend, query, key, value)
    assert cost.macs == scores + mix
    assert cost.flops == 2 * cost.macs + n * heads * queries * keys * (6 + causal)


def test_bilinear(forward: Any) -> None:
    left, right, weight = ones(2, 7, 4), ones(2, 7, 5), ones(6, 4, 5)
    cost = cost_of(forward, lambda x, y: F.bilinear(x, y, weight), left, right)
    assert cost.macs == 14 * 6 * (4 * 5 + 5)


def test_deformable_convolution(forward: Any) -> None:
    x, weight, offset = torch.ones(2, 4, 6, 6), torch.ones(8, 2, 3, 3), torch.zeros(2, 18, 4, 4)
    cost = cost_of(forward, lambda x: torchvision.ops.deform_conv2d(x, offset, weight), x)
    assert cost.macs == int(F.conv2d(x, weight, groups=2).sum())
    assert cost.flops > 2 * cost.macs


RECURRENT: list[tuple[nn.Module, int]] = [
    (nn.LSTM(4, 5), 4 * 5 * (4 + 5)),
    (nn.LSTM(4, 5, bias=False), 4 * 5 * (4 + 5)),
    (nn.LSTM(4, 5, num_layers=2, bidirectional=True), 2 * 20 * (4 + 5) + 2 * 20 * (10 + 5)),
    (nn.LSTM(4, 5, proj_size=3), 20 * (4 + 3) + 3 * 5),
    (nn.GRU(4, 5), 3 * 5 * (4 + 5)),
    (nn.RNN(4, 5), 5 * (4 + 5)),
]


@pytest.mark.parametrize(("model", "macs_per_step"), RECURRENT)
def test_recurrent_networks(model: nn.Module, macs_per_step: int) -> None:
    facts = count_macs(trace(model, (7, 2, 4)))
    assert facts.uncounted == ()
    assert facts.macs == 7 * 2 * macs_per_step
    assert facts.flops > 2 * facts.macs


@pytest.mark.parametrize(("cell", "gates"), [(nn.LSTMCell, 4), (nn.GRUCell, 3), (nn.RNNCell, 1)])
def test_recurrent_cells(cell: type[nn.Module], gates: int) -> None:
    facts = count_macs(trace(cell(4, 5), (2, 4)))
    assert facts.macs == 2 * gates * 5 * 9


@given(st.lists(st.integers(1, 6), min_size=3, max_size=6), st.booleans())
def test_chains_are_multiplied_in_the_cheapest_order(
    forward: Any, sizes: list[int], starts_with_a_vector: bool
) -> None:
    matrices = [ones(n, m) for n, m in pairwise(sizes)]
    if starts_with_a_vector and len(matrices) > 2:
        matrices[0] = ones(sizes[1])
    cost = cost_of(forward, lambda *all_: torch.linalg.multi_dot(all_), *matrices)
    assert cost.macs == torch_macs(lambda *all_: torch.linalg.multi_dot(all_), *matrices)


@pytest.mark.parametrize("power", [*range(10), 31])
def test_powers_are_products(forward: Any, power: int) -> None:
    x = ones(2, 5, 5)
    cost = cost_of(forward, lambda x: torch.linalg.matrix_power(x, power), x)
    assert cost.macs == torch_macs(lambda x: torch.linalg.matrix_power(x, power), x)


def test_an_inverse_is_not_counted(forward: Any) -> None:
    facts = count_macs(trace(forward(lambda x: torch.linalg.matrix_power(x, -2)), [ones(5, 5)]))
    assert [row.kind for row in facts.uncounted] == ["linalg_matrix_power"]


def test_a_convolution_over_time(forward: Any) -> None:
    x, weight = ones(7, 2, 4), ones(3, 4, 5)
    products = int(torch.conv_tbc(x, weight, torch.zeros(5, dtype=x.dtype)).sum())
    assert cost_of(forward, lambda x: torch.conv_tbc(x, weight, ones(5)), x) == (products, 2 * products + 5 * 2 * 5)


@pytest.mark.parametrize("size", [(3, 1, 4, 5), (3, 1, 2, 4, 5)])
def test_a_grid_is_a_product_for_each_of_its_positions(forward: Any, size: tuple[int, ...]) -> None:
    axes = len(size) - 2
    theta, positions = ones(3, axes, axes + 1), ones(*size[2:], axes + 1).flatten(0, -2)
    expected = torch_macs(lambda theta: positions @ theta.mT, theta)
    assert cost_of(forward, lambda theta: F.affine_grid(theta, list(size), False), theta).macs == expected


def test_a_product_of_complex_numbers_is_four_of_their_parts(forward: Any) -> None:
    x, weight = torch.complex(ones(3, 4), ones(3, 4)), torch.complex(ones(4, 5), ones(4, 5))

    def in_parts(x: Tensor) -> Tensor:
        real, imaginary = x.real @ weight.real - x.imag @ weight.imag, x.real @ weight.imag + x.imag @ weight.real
        return torch.complex(real, imaginary)

    assert cost_of(forward, lambda x: x @ weight, x).macs == torch_macs(in_parts, x)
