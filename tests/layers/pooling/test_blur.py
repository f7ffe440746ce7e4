import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from timm.layers import BlurPool2d as TimmBlurPool2d

from convwright.errors import ConvwrightError
from convwright.layers import BlurPool2d

PASCAL = {1: [1], 2: [1, 1], 3: [1, 2, 1], 4: [1, 3, 3, 1], 5: [1, 4, 6, 4, 1]}


def blur_by_definition(x: np.ndarray, kernel: tuple[int, int], stride: tuple[int, int]) -> np.ndarray:
    """Pascal's rows as weights, a border that mirrors without repeating the edge, one sum a position."""
    pads = [(size - 1) // 2 for size in kernel]
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[0]), (pads[1], pads[1])), mode="reflect")
    rows, columns = (np.array(PASCAL[size]) / sum(PASCAL[size]) for size in kernel)
    heights, widths = (range(0, size - k + 1, s) for size, k, s in zip(x.shape[2:], kernel, stride, strict=True))
    return np.stack(
        [
            np.stack(
                [
                    np.einsum("ncij,i,j->nc", x[:, :, y : y + kernel[0], z : z + kernel[1]], rows, columns)
                    for z in widths
                ],
                -1,
            )
            for y in heights
        ],
        -2,
    )


sizes = st.tuples(st.integers(1, 5), st.integers(1, 5))


@given(sizes, st.tuples(st.integers(1, 3), st.integers(1, 3)), st.tuples(st.integers(5, 9), st.integers(5, 9)))
def test_definition(kernel, stride, size):
    x = np.random.default_rng(0).standard_normal((2, 3, *size))
    ours = BlurPool2d(kernel, stride).double()(torch.from_numpy(x))
    torch.testing.assert_close(ours, torch.from_numpy(blur_by_definition(x, kernel, stride)))


@pytest.mark.parametrize("taps", [3, 5])
def test_timm_agrees(taps):
    x = torch.randn(2, 4, 9, 12)
    torch.testing.assert_close(BlurPool2d(taps)(x), TimmBlurPool2d(4, filt_size=taps, stride=2)(x))


@given(sizes, st.integers(1, 3))
def test_a_constant_map_stays_constant(kernel, stride):
    y = BlurPool2d(kernel, stride)(torch.full((1, 2, 6, 7), 3.5))
    torch.testing.assert_close(y, torch.full_like(y, 3.5))


@pytest.mark.parametrize("size", [2, 7, 8])
def test_an_odd_filter_halves_and_rounds_up(size):
    for taps in (1, 3) if size == 2 else (1, 3, 5):
        assert BlurPool2d(taps)(torch.zeros(1, 1, size, size)).shape[-1] == (size + 1) // 2


def test_a_shift_changes_less_than_under_max_pooling():
    """Zhang 2019, section 3.1: a shift of the input should leave a map, subsampled by two, nearly as it is."""
    x = F.avg_pool2d(torch.randn(4, 8, 40, 40), 3, 1)  # texture with some structure
    near, shifted = x[..., 4:32, 4:32], x[..., 4:32, 5:33]
    change = {pool: (pool(near) - pool(shifted))[..., 2:-2, 2:-2] for pool in (BlurPool2d(5), torch.nn.MaxPool2d(2))}
    blurred, largest = (difference.square().mean().sqrt() for difference in change.values())
    assert blurred < 0.5 * largest


def test_the_taps_are_no_weights_but_come_back():
    pool = BlurPool2d(3)
    assert pool.state_dict() == {}
    assert list(pool.parameters()) == []
    pool.taps.zero_()
    pool.reset_parameters()
    torch.testing.assert_close(pool.taps, torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16)


@pytest.mark.parametrize(
    ("arguments", "shape", "message"),
    [
        ((3,), (1, 1), r"a reflected border of 1 px: expected a map of at least 2 px, got 1x1; downsample less"),
        ((5,), (9, 2), r"a reflected border of 2 px: expected a map of at least 3 px, got 9x2"),
        ((3, 2, 0), (2, 5), r"the window is larger than its map: expected at least 3 px .* got 2 px"),
    ],
)
def test_a_map_too_small_is_named(arguments, shape, message):
    with pytest.raises(ConvwrightError, match=message):
        BlurPool2d(*arguments)(torch.zeros(1, 1, *shape))


def test_bad_kernels():
    with pytest.raises(ConvwrightError, match=r"^kernel_size: expected an int or a pair \(height, width\), got"):
        BlurPool2d((3, 3, 3))
    with pytest.raises(ConvwrightError, match=r"^kernel_size: expected at least 1, got 0$"):
        BlurPool2d(0)
