"""Lines of the table of layers: tree, flat lists, stages."""

import pytest
import torch
from torch import nn
from torchvision import models as torchvision_models

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.models import build
from convwright.reports.analysis.layers import TableChoice, indented, stage_rows, tree_rows


@pytest.fixture(scope="module")
def resnet18():
    with torch.device("meta"):
        model = torchvision_models.resnet18()
    model.layer1.requires_grad_(False)
    return analyze(model.eval(), (1, 3, 64, 64), label="resnet18")


def test_repeats_are_one_row_with_their_number():
    found = analyze(build("resnet20", device="meta").eval(), (1, 3, 32, 32))
    assert [row.name for row in tree_rows(found, depth=3)].count("0-2 x 3") == 1
    assert len(stage_rows(found)) == 4


def test_every_value_of_a_layer(resnet18):
    row = next(row for row in TableChoice(pattern="layer2.0.conv1").rows(resnet18))
    weights = 64 * 128 * 9
    assert row.name == "layer2.0.conv1"
    assert row.values == {
        "type": "Conv2d",
        "input": (1, 64, 16, 16),
        "output": (1, 128, 8, 8),
        "kernel": (3, 3),
        "stride": (2, 2),
        "groups": 1,
        "dtype": "float32",
        "parameters": weights,
        "percent": weights / 11_689_512,  # torchvision's count
        "trainable": weights,
        "macs": weights * 8 * 8,
        "flops": 2 * weights * 8 * 8,
        "memory": 4 * (3 * 64 * 64 + 64 * 16 * 16 + 128 * 8 * 8),  # the image, which the caller holds, input and output
        "kept": 0,  # its input is kept by the ReLU that made it
        "field": (51, 51),  # 43 after layer1, one more 3x3 at jump 4
        "jump": (8.0, 8.0),
        "latency": None,
    }


def test_frozen_parameters_are_not_trainable(resnet18):
    first = {row.name: row.values for row in tree_rows(resnet18, 1)}
    assert first["layer1"]["trainable"] == 0
    assert first["layer1"]["parameters"] == 147_968  # 4 convolutions of 64 * 64 * 9, 4 norms of 2 * 64
    assert first["resnet18"]["trainable"] == 11_689_512 - 147_968


def test_sorted_layers_add_up_to_the_whole(resnet18):
    rows = TableChoice(sort="macs").rows(resnet18)
    macs = [row.values["macs"] for row in rows]
    assert macs == sorted(macs, reverse=True)
    assert sum(macs) == resnet18.totals.macs
    assert {row.level for row in rows} == {0}
    blocks = TableChoice(sort="parameters", depth=2).rows(resnet18)
    assert [row.name for row in blocks][:3] == ["layer4.1", "layer4.0", "layer3.1"]
    assert sum(row.values["parameters"] for row in blocks) == 11_689_512
    assert "layer1.0 relu()" not in {row.name for row in rows}
    assert "layer1.0 add()" in {row.name for row in rows}
    types = [row.values["type"] for row in TableChoice(sort="type").rows(resnet18)]
    assert types == sorted(types)


def test_a_filter_takes_paths_and_types(resnet18):
    def names(**choice):
        return [row.name for row in TableChoice(**choice).rows(resnet18)]

    assert names(pattern="layer4.?.conv?") == ["layer4.0.conv1", "layer4.0.conv2", "layer4.1.conv1", "layer4.1.conv2"]
    assert names(pattern="BasicBlock", sort="macs")[-1] == "layer4.0"  # its three convolutions, at a quarter of the map
    assert len(names(pattern="Conv2d")) == 20
    assert len(names(pattern="*", depth=1)) == 11
    with pytest.raises(ConvwrightError, match=r"unknown layer 'Conv2D'.*did you mean Conv2d"):
        names(pattern="Conv2D")


def test_stages_sort_too(resnet18):
    macs = [row.macs for row in TableChoice(by_stage=True, sort="macs").rows(resnet18)]
    assert len(macs) > 3
    assert macs == sorted(macs, reverse=True)


def test_a_layer_called_twice_and_a_fold_take_the_time_of_all_their_modules():
    block = [nn.Conv2d(8, 8, 3, padding=1) for _ in range(3)]
    found = analyze(nn.Sequential(*block, nn.ReLU()).eval(), (1, 8, 8, 8))
    times = {"": 1.0, "0": 0.25, "1": 0.25, "2": 0.125, "3": 0.0625}
    rows = {row.name: row.values["latency"] for row in tree_rows(found, 1, times=times)}
    assert rows == {"Sequential": 1.0, "0-2 x 3": 0.625, "3": 0.0625}
    assert TableChoice(times=times).shown_columns[-1].name == "latency"


def test_no_image_no_field():
    found = analyze(nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2)), torch.zeros(1, 6, dtype=torch.int64))
    assert {(row.cells[6], row.cells[7]) for row in tree_rows(found, 1)} == {("", "")}


def test_names_are_indented_by_their_level(resnet18):
    names = [name for name, _ in indented(tree_rows(resnet18, 2))]
    assert names[:2] == ["resnet18", "  conv1"]
    assert "    0" in names
