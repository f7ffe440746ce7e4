"""Muon: orthogonal updates, against the SVD and against torch's own for matrices."""

import pytest
import torch
from torch import nn

from convwright.training.muon import Muon, orthogonalized


def matrices(rows, columns, number=3):
    """With singular values from 0.1 to 1."""
    u, _, v = torch.linalg.svd(torch.randn(number, rows, columns), full_matrices=False)
    return u @ torch.diag_embed(torch.linspace(0.1, 1, min(rows, columns)).expand(number, -1)) @ v


@pytest.mark.parametrize(("rows", "columns"), [(16, 16), (8, 72), (72, 8), (64, 27)])
def test_updates_are_nearly_the_orthogonal_factors_of_the_svd(rows, columns):
    given = matrices(rows, columns)
    found = orthogonalized(given)
    u, _, v = torch.linalg.svd(given, full_matrices=False)
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.6
    assert values.max() < 1.3
    # The same singular vectors: in their basis, what was found is diagonal.
    inside = u.mT @ found @ v.mT
    diagonal = torch.diag_embed(inside.diagonal(dim1=-2, dim2=-1))
    torch.testing.assert_close(inside, diagonal, atol=1e-4, rtol=0)


def test_half_precision_comes_out_alike():
    given = matrices(64, 128)
    found = orthogonalized(given, is_half=True)
    assert found.dtype == torch.float32
    assert (found - orthogonalized(given)).abs().max() < 0.02
    assert not torch.equal(found, orthogonalized(given))


def stepped(make, shape, steps=3):
    torch.manual_seed(0)
    weight = nn.Parameter(torch.randn(shape))
    optimizer = make(weight)
    for _ in range(steps):
        weight.grad = torch.randn(shape)
        optimizer.step()
    return weight.detach()


@pytest.mark.parametrize("nesterov", [True, False])
@pytest.mark.parametrize("shape", [(16, 24), (24, 16)])
def test_matrices_move_as_with_torchs_own(shape, nesterov):
    options = {"lr": 0.1, "momentum": 0.9, "nesterov": nesterov, "weight_decay": 0.05}
    ours = stepped(lambda w: Muon([{"params": [w], "orthogonal": True}], **options), shape)
    torchs = stepped(lambda w: torch.optim.Muon([w], **options), shape)
    start = stepped(lambda w: Muon([{"params": [w]}], **options), shape, steps=0)
    moved = (torchs - start).norm()
    assert (ours - torchs).norm() < 0.03 * moved  # torch's iterates in bfloat16


def test_filters_move_as_the_matrices_they_are_in_any_memory_format():
    options = {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.0}

    def moved(*shape, layout=torch.contiguous_format):
        torch.manual_seed(0)
        weights = [nn.Parameter(torch.randn(6, 4, 3, 3).reshape(shape).contiguous(memory_format=layout)) for _ in "ab"]
        optimizer = Muon([{"params": weights, "orthogonal": True}], **options)
        for _ in range(2):
            for weight in weights:
                weight.grad = torch.randn(6, 4, 3, 3).reshape(shape)
            optimizer.step()
        return torch.stack([weight.detach().reshape(6, 36) for weight in weights])

    expected = moved(6, 36)
    torch.testing.assert_close(moved(6, 4, 3, 3), expected)
    torch.testing.assert_close(moved(6, 4, 3, 3, layout=torch.channels_last), expected)


def test_other_groups_move_as_with_sgd():
    options = {"lr": 0.1, "momentum": 0.9, "nesterov": True}
    ours = stepped(lambda w: Muon([{"params": [w]}], weight_decay=0.0, **options), (5, 3))
    torch.testing.assert_close(ours, stepped(lambda w: torch.optim.SGD([w], **options), (5, 3)))


def test_a_gradient_of_zero_moves_nothing_and_none_is_left_out():
    weight, frozen = nn.Parameter(torch.ones(4, 4)), nn.Parameter(torch.ones(4, 4))
    weight.grad = torch.zeros(4, 4)
    groups = [{"params": [weight, frozen], "orthogonal": True}]
    optimizer = Muon(groups, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.0)
    assert optimizer.step(lambda: 3.0) == 3.0
    assert torch.equal(weight, torch.ones(4, 4))
    assert frozen not in optimizer.state
