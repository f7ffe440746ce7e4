"""The words and numbers that every format shows."""

import re

import pytest
import torch
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.models import build
from convwright.reports.analysis.rows import notes, total_rows


def test_gates_and_frozen_parameters_get_a_line():
    model = build("efficientnet_b0", device="meta").eval()
    model.stem.requires_grad_(False)
    lines = {name: (read, exact) for name, read, exact in total_rows(analyze(model, (1, 3, 224, 224)))}
    assert lines["with global gates"][1].startswith("16 gates")  # one in each of B0's sixteen blocks
    assert lines["frozen"][1] == "928 of them do not train"  # 3 * 32 * 9 weights, 2 * 32 of the norm
    assert lines["receptive field"][0] == "851 px"


@pytest.mark.parametrize(("batch", "said"), [(1, False), (4, True)])
def test_a_batch_is_said(batch, said):
    found = analyze(nn.Conv2d(3, 8, 3), (batch, 3, 8, 8))
    assert any("traced batch of 4" in line for line in notes(found)) is said


class Sorter(nn.Module):
    """Needs numbers, twice calls what no rule counts."""

    def forward(self, x):
        return [torch.linalg.pinv(torch.linalg.pinv(x)), x.mean() > 0 or 1]


def test_what_holds_for_one_input_is_said_and_what_is_not_counted_once():
    said = notes(analyze(Sorter(), (1, 1, 4, 4)))
    assert any(
        re.fullmatch(r"For this input: the path depends on values, at .*test_rows.py:\d+ \(if\).", line)
        for line in said
    )
    assert [line for line in said if "NOT" in line] == [
        "NOT COUNTED: linalg_pinv at the top (2 calls), which makes 1x1x4x4."
    ]
