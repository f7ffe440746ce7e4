import itertools

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

from convwright import geometry
from convwright.errors import ConvwrightError
from convwright.geometry import Window
from reference.pooling import Pool

small = st.integers(1, 5)


@given(st.integers(1, 20), small, small, st.data(), small, st.booleans())
def test_output_size_counts_the_windows_of_the_definition(size, kernel_size, stride, data, dilation, ceil_mode):
    padding = data.draw(st.integers(0, kernel_size // 2))
    pool = Pool(
        kernel_size=(kernel_size, 1),
        stride=(stride, 1),
        padding=(padding, 0),
        dilation=(dilation, 1),
        ceil_mode=ceil_mode,
    )
    expected = len(pool.starts(0, size))
    if expected:
        ours = geometry.output_size(size, kernel_size, stride, padding, dilation, ceil_mode=ceil_mode)
        assert ours == expected
    else:
        with pytest.raises(ConvwrightError, match=r"the window is larger than its map: expected at least"):
            geometry.output_size(size, kernel_size, stride, padding, dilation, ceil_mode=ceil_mode)


@pytest.mark.parametrize(("kernel_size", "stride"), [(1, 1), (2, 2), (3, 2), (5, 3), (2, 4)])
@pytest.mark.parametrize("ceil_mode", [False, True])
def test_output_size_agrees_with_torch_on_every_small_map(kernel_size, stride, ceil_mode):
    for size, padding, dilation in itertools.product(range(1, 10), range(kernel_size // 2 + 1), (1, 2)):
        x = torch.zeros(1, 1, 1, size)
        window = (kernel_size, stride, padding, dilation)
        try:
            theirs = F.max_pool2d(x, *((1, k) if i != 2 else (0, k) for i, k in enumerate(window)), ceil_mode=ceil_mode)
        except RuntimeError:
            with pytest.raises(ConvwrightError):
                geometry.output_size(size, *window, ceil_mode=ceil_mode)
        else:
            assert geometry.output_size(size, *window, ceil_mode=ceil_mode) == theirs.shape[-1]


@given(st.integers(1, 30), small, small, st.integers(0, 6), small)
def test_output_size_agrees_with_convolution(size, kernel_size, stride, padding, dilation):
    assume(size + 2 * padding >= geometry.effective_kernel(kernel_size, dilation))
    y = F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel_size), None, stride, padding, dilation)
    assert geometry.output_size(size, kernel_size, stride, padding, dilation) == y.shape[-1]


@given(small, small)
def test_effective_kernel_is_the_span_of_the_taps(kernel_size, dilation):
    taps = [tap * dilation for tap in range(kernel_size)]
    assert geometry.effective_kernel(kernel_size, dilation) == taps[-1] - taps[0] + 1


@given(st.integers(1, 40), st.integers(1, 9), small)
def test_same_padding_keeps_and_halves(size, kernel_size, dilation):
    if geometry.effective_kernel(kernel_size, dilation) % 2 == 0:
        with pytest.raises(ConvwrightError, match=f"kernel_size={kernel_size} with dilation={dilation}: expected an"):
            geometry.same_padding(kernel_size, dilation)
        return
    padding = geometry.same_padding(kernel_size, dilation)
    assert geometry.output_size(size, kernel_size, 1, padding, dilation) == size
    assert geometry.output_size(size, kernel_size, 2, padding, dilation) == (size + 1) // 2


@given(st.integers(1, 40), st.integers(1, 9), small, small)
def test_tensorflow_same_padding_is_the_least_that_gives_the_size(size, kernel_size, stride, dilation):
    """Output ceil(size / stride), no pixel of padding that is not needed for it, the odd one after the map."""
    before, after = geometry.tensorflow_same_padding(size, kernel_size, stride, dilation)
    positions = -(-size // stride)
    last_tap = (positions - 1) * stride + (kernel_size - 1) * dilation
    assert before + after == max(0, last_tap + 1 - size)
    assert 0 <= after - before <= 1
    if last_tap + 1 >= size:
        assert geometry.output_size(size + before + after, kernel_size, stride, 0, dilation) == positions


windows = st.lists(st.builds(Window, small, st.integers(1, 3), st.integers(0, 3), st.integers(1, 3)), max_size=4)


@given(windows)
def test_receptive_field_agrees_with_the_pixels_each_position_reads(stack):
    """Brute force: walk from the positions of the last map back to the set of input pixels under each."""
    fields = {position: {position} for position in (0, 1)}
    for window in reversed(stack):
        fields = {
            position: {
                pixel * window.stride - window.padding + tap * window.dilation
                for pixel in pixels
                for tap in range(window.kernel_size)
            }
            for position, pixels in fields.items()
        }
    first, second = fields[0], fields[1]
    found = geometry.receptive_field(stack)
    assert found.receptive_field_px == max(first) - min(first) + 1
    assert found.jump_px == min(second) - min(first)
    assert found.center_px == (max(first) + min(first)) / 2


@given(windows, st.integers(1, 40))
def test_sizes_follow_torch_through_a_stack(stack, size):
    x, expected = torch.zeros(1, 1, size), [size]
    for number, window in enumerate(stack, start=1):
        weight = torch.zeros(1, 1, window.kernel_size)
        try:
            x = F.conv1d(x, weight, None, window.stride, window.padding, window.dilation)
        except RuntimeError:
            with pytest.raises(ConvwrightError, match=f"^layer {number}: the window is larger than its map"):
                geometry.sizes(size, stack)
            return
        expected.append(x.shape[-1])
    assert geometry.sizes(size, stack) == expected


def test_the_layer_that_made_the_map_vanish_is_named():
    stack = [Window(2, 2, name=f"pool{i}") for i in range(1, 7)]
    with pytest.raises(ConvwrightError) as caught:
        geometry.sizes(32, stack)
    assert str(caught.value) == (
        "layer 6 (pool6): the window is larger than its map: expected at least 2 px under a window of 2 px "
        "with padding 0, got 1 px; pad more, use a smaller kernel, or downsample less before it"
    )


@pytest.mark.parametrize(("kernel_size", "stride", "ceil_mode"), [(2, 2, False), (7, 2, True), (5, 4, True)])
def test_the_size_asked_for_is_the_smallest_that_fits(kernel_size, stride, ceil_mode):
    with pytest.raises(ConvwrightError) as caught:
        geometry.output_size(0, kernel_size, stride, ceil_mode=ceil_mode)
    least = int(caught.value.expected.split()[2])
    assert geometry.output_size(least, kernel_size, stride, ceil_mode=ceil_mode) == 1
    with pytest.raises(ConvwrightError):
        geometry.output_size(least - 1, kernel_size, stride, ceil_mode=ceil_mode)


@pytest.mark.parametrize(
    ("window", "what"),
    [((0,), "kernel_size"), ((3, 0), "stride"), ((3, -1), "stride"), ((3, 1, -1), "padding"), ((3, 1, 0, 0), "dil")],
)
def test_what_is_no_window_is_refused_by_name(window, what):
    with pytest.raises(ConvwrightError, match=f"^conv1 {what}.*: expected at least"):
        Window(*window, name="conv1")
    with pytest.raises(ConvwrightError, match=f"^{what}.*: expected at least"):
        geometry.output_size(10, *window)


def _slim_resnet(depths):
    """TF-slim's ResNets, which the table is about: a stage strides in the 3x3 of its last block, but the last stage."""
    threes = [
        Window(3, 2 if block == depth - 1 and stage < 3 else 1, 1)
        for stage, depth in enumerate(depths)
        for block in range(depth)
    ]
    return [Window(7, 2, 3), Window(3, 2, 1), *threes]


@pytest.mark.parametrize(
    ("stack", "field_px"),
    [
        ([w for depth in (2, 2, 3, 3, 3) for w in [Window(3, 1, 1)] * depth + [Window(2, 2)]], 212),  # VGG-16
        ([Window(3, stride, 1) for stride in (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)], 315),  # MobileNet v1
        (_slim_resnet((3, 4, 6, 3)), 483),  # ResNet-50
        (_slim_resnet((3, 4, 23, 3)), 1027),  # ResNet-101
    ],
)
def test_published_fields(stack, field_px):
    """Araujo et al. 2019, "Computing receptive fields of convolutional neural networks", table 1."""
    found = geometry.receptive_field(stack)
    assert (found.receptive_field_px, found.jump_px) == (field_px, 32)
