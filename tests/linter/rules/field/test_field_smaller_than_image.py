from torch import nn

from convwright.linter import Settings, Severity, lint


def net(*head):
    body = (nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())
    return nn.Sequential(*body, *head)


def narrow(model, **settings):
    found = lint(model, (2, 3, 32, 32), settings=Settings(**settings)).findings
    return [finding for finding in found if finding.code == "CW204"]


POOLED = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))


def test_without_the_size_of_objects_it_is_advice():
    (finding,) = narrow(net(*POOLED))
    assert (finding.severity, finding.path) == (Severity.ADVICE, "3")


def test_with_it_a_warning():
    (finding,) = narrow(net(*POOLED), object_px=16)
    assert finding.severity is Severity.WARNING
    assert not narrow(net(*POOLED), object_px=7)


def test_a_linear_layer_over_all_positions_sees_everything():
    assert not narrow(net(nn.Flatten(), nn.Linear(8 * 16 * 16, 10)), object_px=30)
