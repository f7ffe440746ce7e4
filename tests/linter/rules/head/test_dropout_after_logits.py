"""CW604 leaves dropout of features alone."""

from torch import nn

from reference.linting import found


def test_features_without_a_classifier_and_dropout_that_drops_nothing():
    features = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2))
    assert not found("CW604", features)
    assert not found("CW604", nn.Sequential(nn.Linear(8, 10), nn.ReLU(), nn.Dropout(0.2)), (2, 8))
    assert not found("CW604", nn.Sequential(nn.Linear(8, 10), nn.Dropout(0.0)), (2, 8))


def test_behind_softmax_it_is_no_better():
    assert found("CW604", nn.Sequential(nn.Linear(8, 10), nn.Softmax(dim=1), nn.Dropout(0.2)), (2, 8))
