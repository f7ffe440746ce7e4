import pytest

from convwright.models import build
from reference.linting import found


@pytest.mark.parametrize("name", ["vgg16", "resnet18", "densenet121"])
def test_equal_stages_and_networks_with_merges_pass(name):
    assert not found("CW511", build(name), (1, 3, 64, 64))


def test_single_convolutions_are_found():
    assert len(found("CW511", build("vgg11"), (1, 3, 64, 64))) == 2
