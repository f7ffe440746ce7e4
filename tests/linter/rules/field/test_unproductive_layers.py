from convwright.linter import Severity, lint
from convwright.models import build


def unproductive(name, px):
    return [finding for finding in lint(build(name), (1, 3, px, px)).findings if finding.code == "CW203"]


def test_it_is_one_advice():
    (finding,) = unproductive("vgg16", 32)
    assert finding.severity is Severity.ADVICE


def test_a_field_that_never_covers_the_image_passes():
    assert not unproductive("vgg16", 320)
