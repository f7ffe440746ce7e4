"""Classifiers beside the network: what scikit-learn says of the same data, layers that agree with it, tiny classes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.training import evaluate
from convwright.training.evaluate import calibration_error
from convwright.transfer_learning import backbone_of, extract
from convwright.transfer_learning.classifier_methods import CLASSIFIERS
from convwright.transfer_learning.classifiers import _folds, as_linear, fit_classifier
from reference.tiny_training import tiny_data, tiny_net

OF_USERS = dict(CLASSIFIERS)
LINEAR = [name for name, method in CLASSIFIERS.items() if method.is_linear]


@pytest.fixture(autouse=True)
def a_small_forest(monkeypatch):
    """Ten trees, which are fitted in a twentieth of the time."""

    def small(seed):
        return OF_USERS["forest"].make(seed).set_params(n_estimators=10, n_jobs=None)

    monkeypatch.setitem(CLASSIFIERS, "forest", replace(CLASSIFIERS["forest"], make=small))


def clouds(number, num_classes, seed=0, width=10, distance=1.5):
    draw = torch.Generator().manual_seed(seed)
    labels = torch.arange(number) % num_classes
    values = torch.randn(number, width, generator=draw)
    values[torch.arange(number), labels] += distance
    return values * torch.logspace(-2, 1, width) + torch.arange(width), labels


def accuracy(fitted, features, labels):
    return (fitted.logits(features).argmax(1) == labels).float().mean().item()


@pytest.mark.parametrize("num_classes", [2, 3])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_logits_name_the_class_that_the_estimator_names(name, num_classes):
    train, labels = clouds(60, num_classes)
    other, expected = clouds(200, num_classes, seed=1)
    fitted = fit_classifier(name, train, labels, num_classes=num_classes)
    named = fitted.estimator.predict(other.numpy())
    assert fitted.logits(other).argmax(1).tolist() == named.tolist()
    assert accuracy(fitted, other, expected) > 0.6
    if CLASSIFIERS[name].has_shares:
        shares = fitted.estimator.predict_proba(other.numpy())
        np.testing.assert_allclose(fitted.logits(other).softmax(1).numpy(), shares, atol=1e-4)


@pytest.mark.parametrize("name", LINEAR)
def test_a_layer_is_the_decision_function(name):
    train, labels = clouds(60, 4)
    fitted = fit_classifier(name, train, labels, num_classes=4)
    expected = fitted.estimator.decision_function(train.numpy()) / fitted.temperature
    np.testing.assert_allclose(as_linear(fitted)(train).detach().numpy(), expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("num_classes", [2, 4])
@pytest.mark.parametrize("name", ["svm", "ridge"])
def test_distances_become_probabilities_that_hold_for_other_images(name, num_classes):
    train, labels = clouds(400, num_classes, width=6)
    other, expected = clouds(2000, num_classes, seed=1, width=6)
    logits = fit_classifier(name, train, labels, num_classes=num_classes).logits(other)
    confidence, named = logits.softmax(1).max(1)
    assert 0.6 < (named == expected).float().mean() < 0.95
    assert calibration_error(confidence, named == expected) < 0.05


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_parameter_is_chosen_by_cross_validation(name):
    from sklearn.base import clone
    from sklearn.model_selection import cross_val_score

    train, labels = clouds(50, 2, distance=1)
    fitted = fit_classifier(name, train, labels, num_classes=2, seed=3)
    (parameter, chosen), method = *fitted.parameters.items(), CLASSIFIERS[name]
    assert fitted.num_folds == 5
    scores = {}
    for value in method.values:
        estimator = clone(fitted.estimator)
        estimator[-1].set_params(**{parameter: value})
        scores[value] = cross_val_score(estimator, train.numpy(), labels.numpy(), cv=_folds(labels.numpy(), 3)).mean()
    best = max(scores.values())
    assert fitted.cv_accuracy == pytest.approx(best)
    assert chosen == next(value for value, score in scores.items() if score == pytest.approx(best))
    assert fitted.to_dict()["parameters"] == {parameter: chosen}


def test_one_seed_gives_one_forest():
    train, labels = clouds(30, 3)
    fitted = [fit_classifier("forest", train, labels, num_classes=3, seed=seed).logits(train) for seed in (1, 1, 2)]
    assert torch.equal(fitted[0], fitted[1])
    assert not torch.equal(fitted[0], fitted[2])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(0, 3))
def test_every_image_that_is_not_alone_is_tested_once(labels, seed):
    labels = np.array(labels)
    sizes = np.bincount(labels)
    folds = _folds(labels, seed)
    shared = [row for row, label in enumerate(labels) if sizes[label] > 1]
    assert len(folds) == (min(5, min(sizes[sizes > 1])) if shared else 0)
    assert sorted(row for _, tested in folds for row in tested) == (shared if folds else [])
    for learned, tested in folds:
        assert sorted([*learned, *tested]) == list(range(len(labels)))
        assert set(labels[learned]) == set(labels)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classes_of_one_image_and_of_none(name):
    train, labels = clouds(12, 2)
    rare = torch.cat([train, train[:1] + 50])
    labels = torch.cat([labels, torch.tensor([3])])
    fitted = fit_classifier(name, rare, labels, num_classes=5)
    assert fitted.num_folds == 5
    logits = fitted.logits(rare)
    assert logits.shape == (13, 5)
    assert logits.isfinite().all()
    assert set(logits.argmax(1).tolist()) <= {0, 1, 3}
    assert logits.softmax(1)[:, [2, 4]].max() < 1e-4


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_with_one_image_of_each_class_the_middle_is_taken(name):
    train, labels = clouds(3, 3, distance=30)
    fitted = fit_classifier(name, train, labels, num_classes=3)
    assert (fitted.num_folds, fitted.cv_accuracy) == (0, None)
    values = [value for value in CLASSIFIERS[name].values if name != "knn" or value <= 3]
    assert list(fitted.parameters.values()) == [values[len(values) // 2]]


def test_fewer_images_than_folds():
    train, labels = clouds(6, 2, distance=30)
    fitted = fit_classifier("knn", train, labels, num_classes=2)
    assert fitted.num_folds == 3
    assert fitted.parameters["n_neighbors"] <= 4


@pytest.mark.parametrize("name", LINEAR)
def test_a_linear_one_becomes_the_classifier_of_the_network(name):
    data = tiny_data()
    backbone = backbone_of(tiny_net(), image_shape=(3, 8, 8))
    train, test = (extract(backbone, images, data) for images in (data.train, data.test))
    fitted = fit_classifier(name, train["head"], train.labels, num_classes=3)
    model = backbone.with_linear(as_linear(fitted))
    assert evaluate(model, data.test, data).accuracy == pytest.approx(accuracy(fitted, test["head"], test.labels))


def test_what_cannot_be_fitted_or_made_a_layer():
    train, labels = clouds(10, 2)
    with pytest.raises(ConvwrightError, match=r"unknown classifier 'svn'.*did you mean svm"):
        fit_classifier("svn", train, labels, num_classes=2)
    with pytest.raises(ConvwrightError, match="expected at least 2 classes, got 1"):
        fit_classifier("ridge", train, torch.ones(10, dtype=torch.int64), num_classes=2)
    with pytest.raises(ConvwrightError, match="knn as a layer: expected one of logistic, svm, ridge"):
        as_linear(fit_classifier("knn", train, labels, num_classes=2))
