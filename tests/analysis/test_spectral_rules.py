"""Fourier transforms cost 5 N log2 N, over the axes that they transform."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from convwright.analysis.macs import count_macs
from convwright.graph import trace


# 4 x 8 x 16 real or complex numbers; of a real transform the longer side counts, and half of the work.
@pytest.mark.parametrize(
    ("function", "flops"),
    [
        (torch.fft.fft, 5 * 512 * 4),
        (lambda x: torch.fft.fft(x, dim=0), 5 * 512 * 2),
        (lambda x: torch.fft.fft(x, n=32), 5 * 1024 * 5),
        (torch.fft.fft2, 5 * 512 * 7),
        (torch.fft.ifftn, 5 * 512 * 9),
        (torch.fft.rfft, 5 * 512 * 4 // 2),
        (torch.fft.rfft2, 5 * 512 * 7 // 2),
        (lambda x: torch.fft.irfft(torch.fft.rfft(x)), 2 * (5 * 512 * 4 // 2)),
        (lambda x: torch.fft.fft(x, dim=1).unsqueeze(-1), 5 * 512 * 3),
        (torch.fft.fftshift, 0),
    ],
)
def test_flops(forward: Any, function: Callable[[Tensor], Tensor], flops: int) -> None:
    facts = count_macs(trace(forward(function), (4, 8, 16)))
    assert (facts.macs, facts.flops, facts.uncounted) == (0, flops, ())
