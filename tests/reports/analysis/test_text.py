"""The text of an analysis, against a page kept in tests/golden, its columns added up again."""

from pathlib import Path

import pytest
from torchvision import models as torchvision_models

from convwright.analysis.analyze import analyze
from convwright.models import build
from convwright.reports.analysis.layers import TableChoice, stage_rows, tree_rows
from convwright.reports.analysis.text import analysis_text
from convwright.reports.to_text import as_string

GOLDEN = Path(__file__).parents[2] / "golden"
PAGES = {
    "resnet20-depth-3.txt": ("resnet20", 32, TableChoice(depth=3)),
    "resnet20-stages.txt": ("resnet20", 32, TableChoice(by_stage=True)),
    "efficientnet_lite0-depth-2.txt": ("efficientnet_lite0", 224, TableChoice(depth=2)),
}


def facts(name, size):
    return analyze(build(name, device="meta").eval(), (1, 3, size, size), label=name)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_the_golden_one(page):
    name, size, choice = PAGES[page]
    text = as_string(analysis_text(facts(name, size), choice))
    # After a change that is meant: write `text` to the file, read the difference, and commit it.
    assert [line.rstrip() for line in text.splitlines()] == (GOLDEN / page).read_text().splitlines()


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "mobilenet_v3_large"])
def test_printed_columns_add_up_to_the_printed_totals(name):
    found = facts(name, 224)
    rows = tree_rows(found, depth=2)
    for column, total in ((3, found.totals.parameters), (4, found.totals.macs), (5, found.totals.flops)):
        leaves = [row for i, row in enumerate(rows) if i + 1 == len(rows) or rows[i + 1].level <= row.level]
        assert sum(number(row.cells[column]) for row in leaves) == total
        assert sum(number(row.cells[column]) for row in stage_rows(found)) == total


def number(cell: str) -> int:
    return int(cell.replace(",", "") or 0)


def test_a_narrow_terminal_loses_columns_not_digits():
    found = facts("resnet50", 224)
    text = as_string(analysis_text(found, width=80), width=80)
    assert "FLOPs  field" not in text
    assert "4,089,184,256" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_what_is_not_counted_is_said():
    import torch
    from torch import nn

    class Odd(nn.Module):
        def forward(self, x):
            return torch.linalg.pinv(x)

    text = as_string(analysis_text(analyze(Odd(), (1, 3, 8, 8))))
    assert "NOT COUNTED: linalg_pinv" in text


def test_training_memory_that_is_an_estimate_is_said():
    from torch import nn

    text = as_string(analysis_text(analyze(nn.LSTM(4, 8), (3, 1, 4))))
    assert "Training memory is an estimate: what is kept of lstm is not known." in " ".join(text.split())


def test_unused_parameters_and_batches_are_said():
    net = torchvision_models.googlenet(weights=None, init_weights=False).eval()
    text = as_string(analysis_text(analyze(net, (2, 3, 64, 64))))
    assert "14 parameters are used in train mode only: aux1" in text
    assert "traced batch of 2" in text
