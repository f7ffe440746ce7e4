"""Parity tells networks apart whatever the scale of their logits."""

import pytest
import torch

from convwright.transfer_learning.parity import TOLERANCE, Parity


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e6])
def test_the_scale_of_the_logits_does_not_matter(scale):
    expected = scale * torch.randn(8, 5)
    largest = expected.abs().max()
    assert Parity.of(expected, expected + 0.9 * TOLERANCE * largest).is_equal
    assert not Parity.of(expected, expected + 1.1 * TOLERANCE * largest).is_close


def test_close_logits_may_still_tell_another_class():
    found = Parity.of(torch.tensor([[1.0, 1.00001], [0.0, 1.0]]), torch.tensor([[1.00001, 1.0], [0.0, 1.0]]))
    assert found.is_close
    assert (found.num_images, found.num_same_top1, found.is_equal) == (2, 1, False)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
@pytest.mark.parametrize("both", [False, True])
def test_what_is_no_number_is_never_equal(wrong, both):
    good, bad = torch.tensor([[0.0, 1.0]]), torch.tensor([[0.0, wrong]])
    assert not Parity.of(bad if both else good, bad).is_close


def test_other_shapes_cannot_be_compared():
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(2, 1\)"):
        Parity.of(torch.zeros(2, 3), torch.zeros(2, 1))
