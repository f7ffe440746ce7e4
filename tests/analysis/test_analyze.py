"""All passes together: the stable JSON, and totals that agree with the columns."""

import json
from pathlib import Path

import pytest
import torch
from jsonschema import validate
from torch import nn
from torchvision import models as torchvision_models

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.reports.to_json import as_json

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def resnet18():
    return analyze(torchvision_models.resnet18().eval(), (1, 3, 224, 224), label="resnet18")


def test_the_columns_add_up_to_the_totals(resnet18):
    totals = resnet18.totals
    assert sum(row.parameters for row in resnet18.ops) == totals.parameters == 11_689_512  # torchvision's metadata
    assert sum(row.macs for row in resnet18.ops) == totals.macs
    assert sum(row.flops for row in resnet18.ops) == totals.flops
    assert round(totals.macs / 1e9, 3) == 1.814  # torchvision's metadata
    assert totals.receptive_field_px == (435, 435)


def test_the_json_is_the_contract(resnet18):
    read = json.loads(as_json(resnet18.to_dict()))
    validate(read, json.loads((ROOT / "docs" / "analysis.schema.json").read_text(encoding="utf-8")))
    assert (read["schema"], read["model"], read["input"]) == (1, "resnet18", [[1, 3, 224, 224]])
    assert read["totals"]["receptive_field_px"] == [435, 435]
    assert (read["mode"], read["input_dtypes"], read["unused_parameters"]) == ("eval", ["float32"], [])
    assert [stage["size_px"] for stage in read["stages"]] == [[112, 112], [56, 56], [28, 28], [14, 14], [7, 7], []]
    first = read["ops"][0]
    assert (first["module_type"], first["kernel_size"], first["stride"], first["groups"]) == (
        "Conv2d",
        [7, 7],
        [2, 2],
        1,
    )
    assert (first["saved_bytes"], first["live_bytes"]) == (4 * 3 * 224**2, 4 * (3 * 224**2 + 64 * 112**2))
    assert read["ops"][0]["kind"] == "conv2d"
    assert read["ops"][0]["source"].rpartition(":")[2].isdigit()


def test_frozen_parameters_are_told_apart():
    net = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.Conv2d(8, 8, 3, bias=False))
    net[0].requires_grad_(False)
    totals = analyze(net, (1, 3, 8, 8)).totals
    assert (totals.parameters, totals.trainable_parameters) == (216 + 576, 576)


def test_nothing_about_the_model_changes():
    net = torchvision_models.resnet18().train()
    state, rng = {k: v.clone() for k, v in net.state_dict().items()}, torch.get_rng_state()
    analyze(net, (2, 3, 64, 64))
    assert net.training
    assert torch.equal(torch.get_rng_state(), rng)
    assert all(torch.equal(v, state[k]) for k, v in net.state_dict().items())


def test_an_op_without_a_rule_is_listed():
    class Odd(nn.Module):
        def forward(self, x):
            return torch.linalg.pinv(x)

    found = analyze(Odd(), (1, 3, 8, 8))
    assert "linalg_pinv" in {row.kind for row in found.macs.uncounted}
    assert found.ops[0].macs is None


@pytest.mark.parametrize(
    ("model", "shape", "told"),
    [
        ("resnet18", (1, 3, 64, 64), "expected an nn.Module"),
        (nn.Conv2d(3, 8, 3), (1, 4, 8, 8), "4"),
        (nn.Sequential(nn.Flatten(), nn.Linear(10, 2)), (1, 3, 8, 8), "in_features=192"),
    ],
)
def test_bad_input_is_one_clear_error(model, shape, told):
    with pytest.raises(ConvwrightError) as caught:
        analyze(model, shape)
    assert told in str(caught.value)
