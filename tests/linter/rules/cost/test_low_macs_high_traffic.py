import pytest

from convwright.models import build
from reference.linting import found


@pytest.mark.parametrize("name", ["resnet20", "vgg11"])
def test_networks_of_dense_convolutions_pass(name):
    assert not found("CW403", build(name), (1, 3, 32, 32))


def test_the_figures_are_for_one_image():
    one, two = (found("CW403", build("mobilenet_v2"), (n, 3, 224, 224))[0] for n in (1, 2))
    assert one.message == two.message
    assert "301 MMACs an image" in one.message
