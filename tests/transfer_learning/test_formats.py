"""Files of every format hold what they should, and nothing of this machine."""

import json
import sys
import zipfile

import pytest
import torch
from torch import nn
from torch.export import Dim

from convwright.errors import ConvwrightError
from convwright.transfer_learning.formats import FORMATS, OPSET

CARD = {"class_names": ["Ameise", "蜂"], "preprocessing": {"crop_px": 32}}


@pytest.fixture
def program():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)).eval()
    return torch.export.export(net, (torch.zeros(2, 3, 32, 32),), dynamic_shapes=({0: Dim("batch")},))


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_runs_on_any_number_of_images(program, name, tmp_path):
    path = tmp_path / f"net{FORMATS[name].suffix}"
    FORMATS[name].write(program, path, CARD)
    run, net = FORMATS[name].load(path), program.module()
    for number in (1, 2, 7):
        images = torch.randn(number, 3, 32, 32)
        torch.testing.assert_close(run(images), net(images))
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_onnx_says_its_opset_names_and_card(program, tmp_path):
    import onnx

    FORMATS["onnx"].write(program, tmp_path / "net.onnx", CARD)
    made = onnx.load(tmp_path / "net.onnx")
    onnx.checker.check_model(made, full_check=True)
    assert [(each.domain, each.version) for each in made.opset_import] == [("", OPSET)]
    assert {each.key: json.loads(each.value) for each in made.metadata_props} == CARD
    (images,), (logits,) = made.graph.input, made.graph.output
    assert (images.name, logits.name) == ("images", "logits")
    sizes = [each.dim_param or each.dim_value for each in images.type.tensor_type.shape.dim]
    assert sizes == ["batch", 3, 32, 32]


def test_torch_export_keeps_the_card(program, tmp_path):
    FORMATS["torch-export"].write(program, tmp_path / "net.pt2", CARD)
    extra = {"model.json": ""}
    torch.export.load(tmp_path / "net.pt2", extra_files=extra)
    assert json.loads(extra["model.json"]) == CARD
    assert zipfile.is_zipfile(tmp_path / "net.pt2")


@pytest.mark.parametrize("missing", ["onnxscript", "onnxruntime"])
def test_a_missing_package_is_told(program, tmp_path, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ConvwrightError, match=rf"{missing} to be installed; pip install 'convwright\[export\]'"):
        FORMATS["onnx"].write(program, tmp_path / "net.onnx", {})
