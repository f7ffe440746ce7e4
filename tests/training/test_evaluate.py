"""Accuracy, confusions, calibration: against scikit-learn, scipy and the definitions."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.training.evaluate import Predictions, calibration_error, evaluate, predict, wilson_interval
from reference.tiny_training import tiny_data, tiny_net


@given(st.integers(1, 200), st.integers(2, 5), st.integers(0, 10**6))
def test_counts_are_those_of_scikit_learn(number, num_classes, seed):
    from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss

    draw = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(number, num_classes, generator=draw)
    labels = torch.randint(0, num_classes, (number,), generator=draw)
    found = Predictions(logits=logits, labels=labels).evaluation
    names = range(num_classes)
    assert found.confusion.tolist() == confusion_matrix(labels, logits.argmax(1), labels=names).tolist()
    assert found.accuracy == pytest.approx(accuracy_score(labels, logits.argmax(1)))
    assert found.macro_f1 == pytest.approx(f1_score(labels, logits.argmax(1), average="macro"))
    expected = log_loss(labels, logits.double().softmax(1).numpy(), labels=list(names))
    assert found.loss == pytest.approx(expected, rel=1e-4, abs=1e-6)


@given(st.lists(st.tuples(st.floats(2**-10, 1, width=32), st.booleans()), min_size=1, max_size=60))
def test_the_calibration_error_is_its_definition(pairs):
    confidence = torch.tensor([pair[0] for pair in pairs])
    correct = torch.tensor([pair[1] for pair in pairs])
    edges = torch.linspace(0, 1, 16).tolist()
    expected = 0.0
    for low, high in pairwise(edges):
        inside = [(c, r) for c, r in zip(confidence.tolist(), correct.tolist(), strict=True) if low < c <= high]
        if inside:
            gap = sum(r for _, r in inside) / len(inside) - sum(c for c, _ in inside) / len(inside)
            expected += len(inside) / len(pairs) * abs(gap)
    assert calibration_error(confidence, correct) == pytest.approx(expected, abs=1e-9)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_interval_is_scipys(number, share):
    from scipy.stats import binomtest

    correct = round(share * number)
    expected = binomtest(correct, number).proportion_ci(method="wilson")
    assert wilson_interval(correct, number) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_the_interval_reaches_what_was_seen():
    assert wilson_interval(30, 30)[1] == 1.0
    assert wilson_interval(0, 30)[0] == 0.0


def test_a_model_is_evaluated_as_it_is_and_left_as_it_was():
    data, net = tiny_data(), tiny_net()
    net[1].eval()  # as a frozen norm is
    before = {name: value.clone() for name, value in net.state_dict().items()}
    found = evaluate(net, data.test, data, batch_size=7)
    assert found.num_images == 30
    assert [layer.training for layer in net] == [True, False, *[True] * 6]
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    x = data.test.images.float().div(255).sub(0.3).div(0.2)
    with torch.no_grad():
        by_hand = net.eval()(x)
    whole = Predictions(logits=by_hand, labels=data.test.labels).evaluation
    assert found.confusion.tolist() == whole.confusion.tolist()
    assert found.loss == pytest.approx(whole.loss, rel=1e-5)
    assert evaluate(net, data.test, data, precision="bf16").loss == pytest.approx(whole.loss, rel=0.02)


def test_classes_without_images_have_no_accuracy_and_nothing_is_no_evaluation():
    found = Predictions(logits=torch.eye(3), labels=torch.tensor([0, 0, 2])).evaluation
    assert found.class_accuracies == (0.5, None, 1.0)
    assert found.to_dict()["accuracy"] == pytest.approx(2 / 3)
    data = tiny_data()
    with pytest.raises(ConvwrightError, match="at least one image"):
        evaluate(tiny_net(), data.test.subset(torch.arange(0)), data)


def test_a_network_needs_one_output_for_each_class():
    data = tiny_data()
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LazyLinear(data.num_classes + 1))
    with pytest.raises(ConvwrightError, match=rf"expected \(N, {data.num_classes}\), a logit for each class"):
        evaluate(net, data.test, data)


def test_predictions_say_of_each_image_what_and_how_surely():
    data, net = tiny_data(), tiny_net()
    found = predict(net, data.test, data, batch_size=7)
    sure, named = found.logits.softmax(1).max(1)
    assert torch.equal(found.classes, named)
    assert torch.equal(found.confidences, sure)
    assert found.is_right.tolist() == [a == b for a, b in zip(named.tolist(), data.test.labels.tolist(), strict=True)]
    assert found.evaluation.num_correct == int(found.is_right.sum())
