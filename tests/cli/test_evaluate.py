"""`convwright evaluate` and `predict`: a finished run, measured and used."""

import json
import shutil

import pytest
import torch
from PIL import Image

from convwright.errors import ConvwrightError
from reference.runs import invoke, own_folder, train
from reference.shipped import PREPROCESSING, ship

__all__ = ["own_folder"]  # a fixture that every test here uses


def test_a_finished_run_is_evaluated_and_used(tmp_path):
    train("--run", "run")
    record = json.loads((tmp_path / "run/record.json").read_text())
    assert f"accuracy {record['test']['accuracy']:.2%}" in invoke("evaluate", "run")
    Image.new("L", (30, 20), 128).save(tmp_path / "gray.png")
    said = invoke("predict", "run", "gray.png", "--top", 2)
    assert said.startswith("gray.png: ")
    assert said.count("%") == 2
    (tmp_path / "noise.png").write_bytes(b"noise")
    with pytest.raises(ConvwrightError, match=r"noise\.png cannot be read as an image"):
        invoke("predict", "run", "noise.png")


def test_images_that_do_not_suit_are_named(tmp_path):
    train("--run", "run")
    Image.new("RGB", (30, 20), (200, 10, 10)).save(tmp_path / "red.png")
    with pytest.raises(ConvwrightError, match="expected a gray image"):
        invoke("predict", "run", "red.png")
    with pytest.raises(ConvwrightError, match="there is no image"):
        invoke("predict", "run", "none.png")


def test_a_run_is_evaluated_in_its_own_precision(tmp_path):
    train("--run", "run", "--set", "precision=bf16")
    record = json.loads((tmp_path / "run/record.json").read_text())
    assert f"cross-entropy {record['test']['loss']:.3f}" in invoke("evaluate", "run")
    (tmp_path / "run/record.json").unlink()
    with pytest.raises(ConvwrightError, match=r"record\.json is missing or damaged"):
        invoke("evaluate", "run")


def test_an_unfinished_run_is_not_evaluated(tmp_path):
    train("--run", "run")
    (tmp_path / "run/weights.safetensors").unlink()
    with pytest.raises(ConvwrightError, match="train --resume --run run"):
        invoke("evaluate", "run")


def test_what_is_shipped_is_evaluated_and_used_by_its_own_transform(tmp_path):
    model = ship(tmp_path)
    said = invoke("evaluate", "shipped")
    paths = sorted((tmp_path / "photos").rglob("*.png"))
    with torch.inference_mode():
        shares = model(torch.stack([PREPROCESSING(Image.open(path)) for path in paths])).softmax(1)
    told = invoke("predict", "shipped", *paths, "--top", 1).splitlines()
    names = [("cat", "dog")[index] for index in shares.argmax(1)]
    assert told == [f"{p}: {n} {share:.1%}" for p, n, share in zip(paths, names, shares.amax(1), strict=True)]
    right = sum(path.parent.name == name for path, name in zip(paths, names, strict=True))
    shutil.copytree("photos", "tested/train")
    shutil.copytree("photos", "tested/test")
    assert f"tested: accuracy {right / 30:.2%}" in invoke("evaluate", "shipped", "--data", "tested")
    assert "n = 6)" in said


def test_prediction_needs_no_data(tmp_path):
    ship(tmp_path)
    (path, *_) = (tmp_path / "photos").rglob("*.png")
    shutil.move(path, "photo.png")
    shutil.rmtree("photos")
    assert invoke("predict", "shipped", "photo.png").startswith("photo.png: ")
