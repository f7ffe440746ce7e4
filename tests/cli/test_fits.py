"""`convwright analyze --fits`: what fits, in every format, and what it needs."""

import json
from pathlib import Path

import pytest
from jsonschema import validate
from typer.testing import CliRunner

from convwright.analysis.memory import OPTIMIZERS
from convwright.cli._fits import OPTIMIZER_NAMES
from convwright.cli.main import app
from convwright.errors import ConvwrightError

ROOT = Path(__file__).parents[2]


def invoke(*arguments):
    result = CliRunner().invoke(app, ["analyze", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_what_fits_is_answered_in_the_terminal():
    words = " ".join(invoke("resnet20", "--fits", "20MB", "--batch", "64", "--optimizer", "adam").split())
    assert "B, without the optimizer's state" in words
    assert "A batch of 64 does not fit: it trains in 19.1 MiB with at most 10 images at once" in words
    assert "accumulate 8 x 8" in words


def test_what_fits_is_in_the_json():
    read = json.loads(invoke("resnet20", "--fits", "20MB", "--batch", "64", "--format", "json"))
    validate(read, json.loads((ROOT / "docs" / "analysis.schema.json").read_text(encoding="utf-8")))
    assert (read["fits"]["budget_bytes"], read["fits"]["batch"]) == (20_000_000, 64)
    assert not read["fits"]["training"]["fits"]
    assert read["fits"]["changes"][0]["micro_batches"] > 1
    assert json.loads(invoke("resnet20", "--format", "json"))["fits"] is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--fits", "20"], "size in memory: expected a number with a unit"),
        (["--fits", "20MB", "--batch", "2", "--batch", "4"], "--batch: expected one batch for --fits, got 2, 4"),
        (["--fits", "20MB", "--optimizer", "adan"], "did you mean adam or adamw?"),
        (["--optimizer", "adam"], "--optimizer: expected --fits beside it"),
    ],
)
def test_what_fits_needs_a_size_a_batch_and_an_optimizer(options, words):
    with pytest.raises(ConvwrightError, match=words.replace("?", r"\?")):
        invoke("resnet20", *options)


def test_the_optimizers_of_the_help_are_those_of_the_analyzer():
    assert list(OPTIMIZER_NAMES) == list(OPTIMIZERS)
