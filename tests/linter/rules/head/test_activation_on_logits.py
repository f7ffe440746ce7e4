"""CW603 leaves features and other losses alone."""

from torch import nn

from reference.linting import found


def test_features_class_maps_and_regression_may_end_in_an_activation():
    assert not found("CW603", nn.Sequential(nn.Linear(8, 64), nn.ReLU()), (2, 8))
    assert not found("CW603", nn.Sequential(nn.Linear(8, 10), nn.ReLU(), nn.Dropout()), (2, 8))
    assert not found("CW603", nn.Sequential(nn.Linear(8, 10), nn.Tanh()), (2, 8), loss="mse")
    assert not found("CW603", nn.Sequential(nn.Linear(8, 1), nn.Sigmoid()), (2, 8))
    pooled = nn.Sequential(nn.Conv2d(3, 10, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert not found("CW603", pooled)


def test_the_floor_of_the_loss():
    (finding,) = found("CW603", nn.Sequential(nn.Linear(8, 10), nn.Tanh()), (2, 8))
    assert "cannot fall below 0.8" in finding.message
