import pytest

from convwright.models import build
from reference.linting import found


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "efficientnet_b0"])
def test_shallow_plain_and_gated_networks_pass(name):
    assert not found("CW512", build(name), (1, 3, 64, 64))


def test_the_cost_is_that_of_two_small_layers_a_block():
    (finding,) = found("CW512", build("resnet50"), (2, 3, 64, 64))
    assert "16 residual blocks" in finding.message
    widths = [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3
    assert finding.gain.parameters == -sum(2 * width * width // 16 for width in widths)
