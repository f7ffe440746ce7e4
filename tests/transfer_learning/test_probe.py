"""The linear probe, against scikit-learn's optimum of the same loss, and as part of the network."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from convwright.errors import ConvwrightError
from convwright.training import evaluate
from convwright.transfer_learning import Features, backbone_of, extract
from convwright.transfer_learning.probe import _strongest, train_probe
from reference.tiny_training import tiny_data, tiny_net


def features_of(values, labels):
    return Features(values={"head": values}, labels=labels, seconds=0.0)


def clouds(number, seed, num_classes=3, width=12):
    """Overlapping clouds, in channels of unlike scales and offsets."""
    draw = torch.Generator().manual_seed(seed)
    labels = torch.arange(number) % num_classes
    values = torch.randn(number, width, generator=draw)
    values[:, :num_classes] += 1.5 * F.one_hot(labels, num_classes)
    return features_of(values * torch.logspace(-1.5, 1, width) + torch.arange(width), labels)


TRAIN, VALIDATION = clouds(150, 1), clouds(60, 2)


@pytest.mark.parametrize("decay", [0.01, 0.1, 1.0])
def test_it_ends_at_the_minimum_that_scikit_learn_finds(decay):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probe = train_probe(TRAIN, VALIDATION, num_classes=3, epochs=100, weight_decays=[decay])
    reference = LogisticRegression(C=1 / (decay * len(TRAIN)), tol=1e-8, max_iter=10_000)
    fitted = make_pipeline(StandardScaler(), reference).fit(TRAIN["head"].numpy(), TRAIN.labels.numpy())
    shares = probe.linear(VALIDATION["head"]).softmax(1).detach().numpy()
    np.testing.assert_allclose(shares, fitted.predict_proba(VALIDATION["head"].numpy()), atol=0.02)


def test_decays_learn_alone_as_side_by_side():
    together = train_probe(TRAIN, VALIDATION, num_classes=3, epochs=5, weight_decays=[0.001, 0.1])
    alone = {
        decay: train_probe(TRAIN, VALIDATION, num_classes=3, epochs=5, weight_decays=[decay]) for decay in (0.001, 0.1)
    }
    for decay, loss in together.validation_losses.items():
        assert alone[decay].epochs[-1].validation_loss == pytest.approx(loss, rel=1e-4)
    torch.testing.assert_close(together.linear.weight, alone[together.weight_decay].linear.weight, rtol=1e-3, atol=1e-5)


def test_what_it_tells_of_its_epochs_is_so():
    probe = train_probe(TRAIN, VALIDATION, num_classes=3, epochs=30)
    assert [each.epoch for each in probe.epochs] == list(range(1, 31))
    assert probe.epochs[-1].loss < probe.epochs[0].loss
    with torch.no_grad():
        logits = probe.linear(VALIDATION["head"])
    assert probe.epochs[-1].validation_loss == pytest.approx(
        F.cross_entropy(logits, VALIDATION.labels).item(), rel=1e-3
    )
    right = (logits.argmax(1) == VALIDATION.labels).float().mean().item()
    assert probe.epochs[-1].validation_accuracy == pytest.approx(right)
    assert probe.epochs[-1].validation_loss == pytest.approx(probe.validation_losses[probe.weight_decay])
    assert probe.seconds == pytest.approx(30 * probe.epoch_seconds)
    assert probe.to_dict()["epochs"][0]["epoch"] == 1


def test_the_first_loss_is_that_of_knowing_nothing():
    probe = train_probe(TRAIN, VALIDATION, num_classes=3, epochs=1)
    assert probe.epochs[0].loss == pytest.approx(np.log(3), rel=0.05)


def test_one_seed_gives_one_probe():
    state = torch.get_rng_state()
    probes = [train_probe(TRAIN, VALIDATION, num_classes=3, epochs=2, seed=seed) for seed in (0, 0, 1)]
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(probes[0].linear.weight, probes[1].linear.weight)
    assert not torch.equal(probes[0].linear.weight, probes[2].linear.weight)


def test_the_strongest_decay_that_is_not_worse_is_chosen():
    spread = torch.tensor([[0.0], [2.0]] * 50)  # around 1, with a standard error of 0.1
    assert _strongest(torch.cat([spread, spread + 0.09, spread + 0.11], 1), [1e-3, 1e-2, 1e-1]) == 1
    assert _strongest(torch.cat([spread + 0.09, spread, spread + 0.2], 1), [1e-1, 1e-2, 1e-3]) == 0
    assert _strongest(torch.zeros(1, 2), [1.0, 0.5]) == 0


def test_channels_that_hardly_vary_in_training_do_not_decide():
    values, labels = torch.zeros(40, 3), torch.arange(40) % 2
    values[:, 0] = labels.float() + torch.linspace(0, 0.5, 40)
    values[:, 1] = 5.0
    values[0, 2] = 1e-6
    train = features_of(values, labels)
    linear = train_probe(train, train, num_classes=2).linear
    with torch.no_grad():
        assert (linear(values).argmax(1) == labels).all()
        unusual = torch.tensor([[0.0, 6.0, 0.01], [1.5, 4.0, 0.01]])
        assert linear(unusual).argmax(1).tolist() == [0, 1]


def test_it_becomes_the_classifier_of_the_network():
    data = tiny_data()
    backbone = backbone_of(tiny_net(), image_shape=(3, 8, 8))
    train, validation, test = (extract(backbone, each, data) for each in (data.train, data.validation, data.test))
    probe = train_probe(train, validation, num_classes=3)
    found = evaluate(backbone.with_linear(probe.linear), data.test, data)
    with torch.no_grad():
        right = (probe.linear(test["head"]).argmax(1) == test.labels).sum()
    assert found.num_correct == right
    assert found.accuracy > 0.8


def test_classes_without_images_and_one_class():
    probe = train_probe(TRAIN, VALIDATION, num_classes=5, epochs=20)
    with torch.no_grad():
        assert probe.linear(VALIDATION["head"]).argmax(1).max() <= 2
    one = features_of(torch.randn(4, 2), torch.zeros(4, dtype=torch.int64))
    assert train_probe(one, one, num_classes=1, epochs=1).epochs[0].validation_accuracy == 1
    same = features_of(torch.ones(4, 2), torch.arange(4) % 2)
    assert train_probe(same, same, num_classes=2, epochs=1).linear.weight.isfinite().all()


def test_it_needs_images():
    nothing = features_of(torch.empty(0, 2), torch.empty(0, dtype=torch.int64))
    with pytest.raises(ConvwrightError, match=r"to choose the weight decay by.*at least one"):
        train_probe(TRAIN, nothing, num_classes=3)
    with pytest.raises(ConvwrightError, match="to learn from"):
        train_probe(nothing, VALIDATION, num_classes=3)
    with pytest.raises(ConvwrightError, match="epochs: expected at least 1"):
        train_probe(TRAIN, VALIDATION, num_classes=3, epochs=0)
