"""A summary is its result, read back: from a new result, and from those that were kept under earlier names."""

import json
from pathlib import Path

import pytest

from convwright.training import LayerGroupRow
from convwright.transfer_learning.summary import TransferSummary
from reference.outcomes import outcome, transfer_result

KEPT = sorted((Path(__file__).parents[2] / "docs/transfer").glob("*.json"))


def read_back(result):
    return TransferSummary.from_dict(json.loads(json.dumps(result.to_dict())))


def test_what_is_read_back_is_what_the_result_says():
    good, bad = [True] * 9 + [False], [True] * 5 + [False] * 5
    runs = [outcome(right, name, seed=seed) for right, name in ((good, "probe"), (bad, "scratch")) for seed in (0, 1)]
    result = transfer_result(*runs)
    found = read_back(result)
    assert (found.rows, found.recommendation) == (result.rows, result.recommendation)
    assert (found.name, found.tuning) == (result.backbone.name, result.tuning)
    assert (found.num_seeds, len(found.whole_rows)) == (2, 2)
    assert (found.shipped.strategy, found.shipped.seed, found.shipped.test_accuracy) == ("probe", 0, 0.9)
    assert found.shipped.test_confusion == ((5, 0), (1, 4))
    assert found.data["source"] == "photos/"


def test_where_nothing_is_recommended_nothing_is_shipped():
    found = read_back(transfer_result())
    assert (found.recommendation, found.shipped, found.rows) == (None, None, ())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_kept_results_are_read(path):
    values = json.loads(path.read_text(encoding="utf-8"))["result"]
    found = TransferSummary.from_dict(values)
    assert [row.strategy for row in found.whole_rows] == list(values["titles"])
    assert found.shipped.test_confusion
    trained = next(each for each in found.outcomes if each.strategy == "finetune")
    assert trained.layer_groups
    assert all(isinstance(row, LayerGroupRow) for row in trained.layer_groups)
    assert trained.layer_groups[-1].name == "head"
