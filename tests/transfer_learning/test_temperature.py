"""The temperature that makes probabilities of logits."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.transfer_learning.temperature import fit_temperature


def drawn(temperature, number=20_000, num_classes=4, seed=0):
    """Logits, and labels drawn with the probabilities that they have at a temperature."""
    draw = torch.Generator().manual_seed(seed)
    logits = torch.randn(number, num_classes, generator=draw)
    return logits, torch.multinomial((logits / temperature).softmax(1), 1, generator=draw)[:, 0]


@given(temperature=st.floats(0.1, 3.0), seed=st.integers(0, 99))
def test_it_finds_the_temperature_that_labels_were_drawn_at(temperature, seed):
    assert fit_temperature(*drawn(temperature, seed=seed)) == pytest.approx(temperature, rel=0.1)


def test_no_confidence_is_without_bounds():
    logits = torch.tensor([[1.0, 0.0], [0.0, 1.0]] * 20)
    confidence = (logits / fit_temperature(logits, logits.argmax(1))).softmax(1).max()
    assert confidence == pytest.approx(1 - 1 / 42, abs=1e-3)


def test_logits_that_know_nothing_say_so():
    logits, labels = torch.randn(5000, 3, generator=torch.Generator().manual_seed(1)), torch.arange(5000) % 3
    assert (logits / fit_temperature(logits, labels)).softmax(1).max() < 0.5
