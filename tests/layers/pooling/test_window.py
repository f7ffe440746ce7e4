import pytest
import torch
from hypothesis import given

from convwright.errors import ConvwrightError
from convwright.layers import GatedPool2d, GeMPool2d, LpPool2d, MixedPool2d, StochasticPool2d
from convwright.layers.pooling._window import WindowPool2d
from reference.pooling import average_pool, max_pool
from reference.strategies import pooled_maps, torch_arguments

WINDOWED = [GatedPool2d, GeMPool2d, LpPool2d, MixedPool2d, StochasticPool2d]


class Plain(WindowPool2d):
    def pool(self, x):
        return x


@given(pooled_maps(signed=False))
def test_columns_hold_the_windows(case):
    window, x = case
    pool, x_torch = Plain(**torch_arguments(window)), torch.from_numpy(x)
    columns = pool.windows(x_torch)
    assert columns.shape[3:] == pool.output_size(x_torch) == window.output_shape(x[0, 0])
    torch.testing.assert_close(columns.amax(2), torch.from_numpy(max_pool(x, window)))
    torch.testing.assert_close(pool.mean(columns, x_torch), torch.from_numpy(average_pool(x, window)))


def test_the_stride_is_the_kernel_when_left_out():
    assert Plain((2, 3)).stride == (2, 3)


def test_repr_shows_the_window():
    assert repr(Plain(3, 2, 1)) == "Plain(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))"
    assert "ceil_mode=True" in repr(Plain(3, ceil_mode=True))


@pytest.mark.parametrize("layer", WINDOWED)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "^kernel_size: expected at least 1, got 0$"),
        (((2, -2),), "^kernel_size: expected at least 1, got -2$"),
        (((2, 2, 2),), r"^kernel_size: expected an int or a pair \(height, width\), got \(2, 2, 2\)$"),
        ((2, -1), "^stride: expected at least 1, got -1$"),
        ((2, (1, 0)), "^stride: expected at least 1, got 0$"),
        ((2, 2, -1), "^padding: expected at least 0, got -1$"),
        ((2, 2, 2), "^padding=2 with kernel_size=2: expected padding of at most half the kernel"),
        (((3, 2), 2, 2), "^padding=2 with kernel_size=3: expected padding of at most half"),
    ],
)
def test_bad_windows(layer, arguments, message):
    with pytest.raises(ConvwrightError, match=message):
        layer(*arguments)


@pytest.mark.parametrize("layer", WINDOWED)
def test_a_kernel_larger_than_its_map_is_named(layer):
    with pytest.raises(
        ConvwrightError, match=r"window is larger than its map: expected at least 3 px .* got 2 px; pad"
    ):
        layer(3)(torch.zeros(1, 1, 4, 2))
