"""`convwright export`: runs and shipped networks, with what was proved."""

import json
import os
from pathlib import Path

import pytest
import torch
from PIL import Image

from convwright.errors import ConvwrightError
from convwright.transfer_learning import export as room
from convwright.transfer_learning.formats import formats
from reference.runs import invoke, own_folder, train
from reference.shipped import PREPROCESSING, ship

__all__ = ["own_folder"]  # a fixture that every test here uses


@pytest.fixture(autouse=True)
def _short_timings(monkeypatch):
    monkeypatch.setattr(room, "BUDGET_SECONDS", 0.001)


@pytest.mark.parametrize("name", formats())
def test_what_is_shipped_is_exported(tmp_path, name):
    model = ship(tmp_path)
    said = invoke("export", "shipped", "--format", name)
    assert "proved on 6 images" in said
    assert said.count("6 of 6 classes the same") == 2
    path = f"shipped/model{formats()[name].suffix}"
    assert f"wrote {path} (" in said
    assert max(map(len, said.splitlines())) <= 80
    images = torch.randn(3, 3, 16, 16)
    with torch.inference_mode():
        torch.testing.assert_close(formats()[name].load(tmp_path / path)(images), model(images), rtol=1e-3, atol=1e-4)
    content = (tmp_path / path).read_bytes()
    assert str(tmp_path).encode() not in content
    if name in ("onnx", "torch-export"):  # others may compress
        assert json.dumps(PREPROCESSING.to_dict())[1:-1].encode() in content


def test_a_run_is_exported_with_images_that_are_named(tmp_path):
    train("--run", "run")
    Image.effect_noise((30, 20), 60).save("gray.png")
    with pytest.raises(ConvwrightError, match="no folder made"):
        invoke("export", "run", "gray.png", "--format", "torch-export", "-o", "made/net.pt2")
    Path("made").mkdir()
    said = invoke("export", "run", "gray.png", "--format", "torch-export", "-o", "made/net.pt2")
    assert "proved on 1 image\n" in said
    assert os.listdir(tmp_path / "made") == ["net.pt2"]
    assert "16 of 16" in invoke("export", "run", "--format", "torch-export")
    assert (tmp_path / "run/model.pt2").is_file()


def test_an_unknown_format_is_told_before_anything_is_done(tmp_path):
    with pytest.raises(ConvwrightError, match="did you mean onnx"):
        invoke("export", "none", "--format", "onx")
    with pytest.raises(ConvwrightError, match="none holds no run"):
        invoke("export", "none", "--format", "onnx")
    assert not (tmp_path / "none").exists()


def test_without_proof_nothing_is_written(tmp_path, monkeypatch):
    ship(tmp_path)
    monkeypatch.setattr("convwright.transfer_learning.parity.TOLERANCE", -1.0)
    with pytest.raises(ConvwrightError, match="says something else than the network"):
        invoke("export", "shipped", "--format", "torch-export")
    assert sorted(os.listdir(tmp_path / "shipped")) == ["model.json", "model.safetensors"]
