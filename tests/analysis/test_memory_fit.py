"""Answers about a budget of memory against training that was measured on live tensors."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import nn

import convwright
from analysis.conftest import Allocator
from convwright.analysis.analyze import analyze
from convwright.analysis.memory_fit import MemoryFit, TrainingSetup
from convwright.errors import ConvwrightError

SIZE = 32


def residual() -> nn.Module:
    return convwright.build("resnet20").eval()


def plain() -> nn.Module:
    widths = (3, 16, 32, 32)
    blocks = [
        nn.Sequential(nn.Conv2d(n, m, 3, padding=1, bias=False), nn.BatchNorm2d(m), nn.ReLU(), nn.MaxPool2d(2))
        for n, m in pairwise(widths)
    ]
    return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(32 * 16, 10)).eval()


def fit_of(net: nn.Module, budget: int | str, traced: int = 1, **options: Any) -> MemoryFit:
    return analyze(net, (traced, 3, SIZE, SIZE)).fits(budget, **options)


def live_peak(net: nn.Module, batch: int, passes: int) -> int:
    """The most bytes at once, weights included, of steps without a state, in as many passes forward and backward."""
    net.train()
    allocator = Allocator(net)
    with allocator:
        for _ in range(passes):
            x = torch.zeros(batch // passes, 3, SIZE, SIZE)
            result = net(x)
            torch.autograd.backward(result, torch.ones_like(result))
            del x, result
    weights = sum(tensor.nbytes for tensor in (*net.parameters(), *net.buffers()))
    return weights + allocator.peak


@pytest.mark.parametrize("make", [residual, plain])
def test_accumulation_is_what_torch_takes(make: Any) -> None:
    whole = fit_of(make(), "1GB", batch=8, optimizer="sgd").training.peak_bytes
    found = fit_of(make(), whole - 1, batch=8, optimizer="sgd")
    accumulated = found.changes[0]
    assert (found.training.fits, accumulated.fits, accumulated.setup.micro_batches) == (False, True, 2)
    assert found.training.peak_bytes == pytest.approx(live_peak(make(), 8, 1), rel=0.01)
    assert accumulated.peak_bytes == pytest.approx(live_peak(make(), 8, 2), rel=0.01)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_batch_found_fits_and_one_more_does_not(optimizer: str) -> None:
    budget = 10**8
    found = fit_of(residual(), budget, optimizer=optimizer)

    def peak(batch: int) -> int:
        memory = analyze(residual(), (batch, 3, SIZE, SIZE)).memory
        return memory.peak_training_bytes + memory.optimizer_bytes(optimizer)

    largest = found.training.largest_batch
    assert found.training.batch == largest
    assert found.training.peak_bytes == peak(largest) <= budget < peak(largest + 1)
    assert found.inference_batch > largest


@pytest.mark.parametrize("batch", [None, 40])
def test_the_answer_does_not_depend_on_the_traced_batch(batch: int | None) -> None:
    answers = [fit_of(residual(), "60MB", traced, batch=batch, optimizer="sgd") for traced in (1, 3, 64)]
    assert answers[0] == answers[1] == answers[2]


def test_each_change_has_its_number() -> None:
    found = fit_of(residual(), "20MB", batch=64, optimizer="adam")
    accumulated, low, *segmented = found.changes
    asked = TrainingSetup(optimizer="adam")
    assert (accumulated.setup, low.setup) == (replace(asked, micro_batches=8), replace(asked, precision="bf16"))
    assert all(row.fits == (row.peak_bytes <= found.budget_bytes) for row in found.changes)
    assert all(row.largest_batch > found.training.largest_batch for row in (low, *segmented))
    assert all(row.kept_bytes < found.training.kept_bytes for row in found.changes)
    net = analyze(residual(), (1, 3, SIZE, SIZE))
    for row in segmented:
        inside = [
            op.macs or 0 for op in net.ops if op.op.path.startswith(tuple(f"{p}." for p in row.setup.checkpointed))
        ]
        assert row.repeated == pytest.approx(sum(inside) / net.totals.macs)
    assert segmented


def test_kept_bytes_are_those_of_the_batch() -> None:
    found = fit_of(residual(), "1GB", batch=6)
    assert found.training.kept_bytes == analyze(residual(), (6, 3, SIZE, SIZE)).memory.activation_bytes


def needed(optimizer: str) -> int:
    return fit_of(residual(), "1TB", batch=4, optimizer=optimizer).training.peak_bytes


def test_a_lighter_optimizer_is_named_where_it_decides() -> None:
    row = fit_of(residual(), needed("sgd_momentum"), batch=4, optimizer="adamw").changes[-1]
    assert row.setup == TrainingSetup(optimizer=row.setup.optimizer)
    assert row.setup.optimizer in ("sgd_momentum", "rmsprop", "adagrad")
    assert row.fits


def test_where_no_change_suffices_several_do() -> None:
    *single, last = fit_of(residual(), "5MB", batch=4, optimizer="adam").changes
    assert last.fits
    assert not any(row.fits for row in single)
    assert last.setup == TrainingSetup(optimizer="sgd", micro_batches=4)
    assert not fit_of(residual(), "1MB", batch=4, optimizer="adam").changes[-1].fits


def test_one_image_is_not_made_in_parts() -> None:
    found = fit_of(plain(), 10**4, batch=1, optimizer="sgd")
    assert not any(row.fits or row.setup.micro_batches > 1 for row in (found.training, *found.changes))
    assert (found.training.largest_batch, found.inference_batch) == (0, 0)


def test_half_precision_gets_no_lower_one() -> None:
    net = plain().half()
    found = analyze(net, torch.zeros(1, 3, SIZE, SIZE, dtype=torch.float16)).fits("1MB", batch=64)
    assert all(row.setup.precision == "as built" for row in found.changes)


@pytest.mark.parametrize(
    ("budget", "options", "words"),
    [
        ("12", {}, "size in memory: expected a number with a unit, as 2GiB, 500MB or 8GB, got '12'"),
        ("1GB", {"batch": 0}, "batch: expected at least 1"),
        ("1GB", {"optimizer": "adan"}, "unknown optimizer 'adan'"),
    ],
)
def test_bad_questions(budget: str, options: Any, words: str) -> None:
    with pytest.raises(ConvwrightError, match=words):
        fit_of(plain(), budget, **options)


def test_from_the_package() -> None:
    found = convwright.analyze(plain(), (1, 3, SIZE, SIZE)).fits("8MiB", batch=64, optimizer="adam")
    assert isinstance(found, MemoryFit)
    assert "A batch of 64 does not fit" in str(found)
