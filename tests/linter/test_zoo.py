"""Precision: on published networks there is no error, and each warning is listed with the reason it is right."""

import csv
from fnmatch import fnmatch
from pathlib import Path

import pytest
import torch

from convwright.linter import Severity, all_rules, lint
from convwright.networks import NetworkName, open_network
from reference.sampling import sampled

timm = pytest.importorskip("timm")
torchvision = pytest.importorskip("torchvision")

ROOT = Path(__file__).parents[2]
SAMPLE = [line.split() for line in (ROOT / "tests/analysis/timm_sample.txt").read_text().splitlines()]
TIMM = {f"timm:{name}": int(size) for name, size in SAMPLE}
TORCHVISION = [f"torchvision:{name}" for name in torchvision.models.list_models(module=torchvision.models)]
# With weights, so that the rules that read them run too.
WITH_WEIGHTS = [
    "torchvision:alexnet",
    "torchvision:densenet121",
    "torchvision:efficientnet_b0",
    "torchvision:mobilenet_v2",
    "torchvision:mobilenet_v3_small",
    "torchvision:regnet_y_400mf",
    "torchvision:resnet18",
    "torchvision:resnet50",
    "torchvision:shufflenet_v2_x1_0",
    "torchvision:squeezenet1_1",
    "timm:resnetv2_50",
    "timm:seresnext26d_32x4d",
]
with (ROOT / "docs/zoo-warnings.csv").open(newline="") as file:
    EXPLAINED = list(csv.DictReader(file))

pytestmark = pytest.mark.filterwarnings("ignore")  # deprecations of model libraries are theirs


def explained(name):
    """Codes of the warnings that the table expects of a model."""
    return {row["rule"] for row in EXPLAINED if any(fnmatch(name, pattern) for pattern in row["models"].split())}


def linted(name):
    network = open_network(NetworkName(text=name))
    size = TIMM.get(name)
    return lint(network.module, (1, 3, size, size) if size else network.inputs[0].shape)


def check(report, name):
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    assert errors == []
    assert {finding.code for finding in report.findings if finding.severity is Severity.WARNING} == explained(name)


@pytest.mark.parametrize("name", sampled([*TORCHVISION, *TIMM], 40))
@pytest.mark.usefixtures("regnets_on_meta")
def test_no_error_and_only_warnings_that_are_explained(name):
    with torch.device("meta"):
        report = linted(name)
    check(report, name)


@pytest.mark.parametrize("name", sampled(WITH_WEIGHTS, 4))
def test_the_same_where_weights_can_be_read(name):
    check(linted(name), name)


def test_the_table_has_no_row_too_many():
    names, known = [*TORCHVISION, *TIMM], all_rules()
    for row in EXPLAINED:
        assert row["rule"] in known
        assert len(row["reason"]) > 20
        for pattern in row["models"].split():
            assert any(fnmatch(name, pattern) for name in names), f"{pattern} matches no network"
