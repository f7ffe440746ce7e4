"""The effective field of networks whose gradient is known, and that measuring leaves no mark."""

import numpy as np
import pytest
import torch
import torchvision.models
from torch import nn

from convwright.analysis.effective_field import effective_field
from convwright.analysis.receptive_field import receptive_fields
from convwright.errors import ConvwrightError
from convwright.graph import trace


def averaging(depth: int) -> nn.Sequential:
    """3x3 convolutions with equal weights, as in Luo et al. 2016, section 3.1."""
    net = nn.Sequential(*(nn.Conv2d(1, 1, 3, padding=1, bias=False) for _ in range(depth)))
    for weight in net.parameters():
        nn.init.constant_(weight, 1 / 9)
    return net


def test_one_convolution_reaches_its_kernel() -> None:
    field = effective_field(nn.Conv2d(3, 4, (3, 5), padding=(1, 2)), (2, 3, 20, 20), mass=1)
    rows, columns = field.gradient.nonzero()
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (9, 11, 8, 12)
    assert field.area_px == 15


def test_equal_weights_spread_as_a_sum_of_dice() -> None:
    # Two uniform kernels of 3 give a triangle: (1 2 3 2 1) / 9 along each axis.
    gradient = effective_field(averaging(2), (1, 1, 11, 11)).gradient
    np.testing.assert_allclose(gradient[5, 3:8] / gradient[5].sum(), np.array([1, 2, 3, 2, 1]) / 9, rtol=1e-5)


def test_size_grows_with_the_square_root_of_depth() -> None:
    # Luo et al. 2016, section 3.1: four times the depth, twice the size; the receptive field grows from 17 to 65.
    shallow, deep = (effective_field(averaging(depth), (1, 1, 81, 81)).size_px for depth in (8, 32))
    assert deep / shallow == pytest.approx(2, rel=0.05)
    assert deep < 65 / 2


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "densenet121"])
def test_inside_the_receptive_field(name: str) -> None:
    torch.manual_seed(0)
    model = torchvision.models.get_model(name).eval()
    layer = {"resnet18": "layer1.1.conv2", "mobilenet_v3_small": "features.3.block.1", "densenet121": "features.pool0"}
    field = effective_field(model, (2, 3, 64, 96), layer=layer[name])
    graph = trace(model, (1, 3, 64, 96))
    op = graph.ops_in(layer[name])[-1]
    box = receptive_fields(graph).field_of(op, field.position, full=True).clipped
    assert box is not None
    inside = np.zeros_like(field.gradient, dtype=bool)
    inside[tuple(slice(low, high + 1) for low, high in box)] = True
    assert field.gradient[~inside].sum() == 0
    assert 0 < field.size_px <= np.sqrt(inside.sum())


def test_the_last_map_by_default() -> None:
    assert effective_field(torchvision.models.densenet121(), (1, 3, 32, 32)).layer == "features.norm5"


def test_random_images_are_seeded() -> None:
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 1, 3))
    one, same, other = (effective_field(net, (3, 1, 16, 16), seed=seed).gradient for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_leaves_no_mark() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Conv2d(4, 2, 1)).train()
    net[1].eval()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    images, state = torch.randn(2, 3, 12, 12), torch.get_rng_state()
    effective_field(net, images)
    assert [module.training for module in net] == [True, False, True, True]
    assert all(parameter.grad is None for parameter in net.parameters())
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
    assert images.grad is None
    assert not net[3]._forward_hooks


def test_one_and_three_axes() -> None:
    assert effective_field(nn.Conv1d(1, 1, 7), (1, 1, 30), mass=1).size_px == 7
    assert effective_field(nn.Conv3d(1, 1, 3), (1, 1, 9, 9, 9), mass=1).size_px == pytest.approx(3)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"layer": "2"}, "unknown layer '2'"),
        ({"layer": "1"}, "expected a map as its output"),
        ({"layer": "0.0", "position": (0, 99)}, "a position inside"),
        ({"mass": 1.5}, "mass"),
    ],
)
def test_what_cannot_be_asked(options: dict[str, object], words: str) -> None:
    net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1)), nn.Flatten())
    with pytest.raises(ConvwrightError, match=words):
        effective_field(net, (1, 3, 12, 12), **options)
