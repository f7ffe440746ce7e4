"""CW306 tells norms inside an image from batch norm."""

from torch import nn

from convwright.linter import Severity
from reference.linting import found


def test_batch_norm_after_a_global_pool_is_advice_given_once():
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(3), nn.Flatten(), nn.BatchNorm1d(3))
    (finding,) = found("CW306", net)
    assert (finding.severity, finding.path) == (Severity.ADVICE, "1")
    assert "like 1 more" in finding.message


def test_batch_norm_over_tokens_sees_all_of_them():
    assert not found("CW306", nn.Sequential(nn.Flatten(0, 1), nn.BatchNorm1d(16)), (2, 49, 16))


def test_batch_norm_in_eval_mode_sees_no_batch():
    assert not found("CW306", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(3)).eval())


def test_layer_norm_of_one_channel_but_not_of_one_position():
    assert found("CW306", nn.Sequential(nn.LayerNorm(1)), (2, 16, 1))
    assert not found("CW306", nn.Sequential(nn.LayerNorm(16)), (2, 1, 16))


def test_instance_norm_with_running_statistics():
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.InstanceNorm2d(3, track_running_stats=True))
    assert found("CW306", net)[0].severity is Severity.ERROR
