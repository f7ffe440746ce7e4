"""Export: the same on every family, and no file without proof."""

import os
import sys
from dataclasses import replace

import pytest
import torch
import torchvision.models
from torch import nn

from convwright.errors import ConvwrightError
from convwright.models import build, families
from convwright.transfer_learning import export as room
from convwright.transfer_learning.export import export
from convwright.transfer_learning.formats import formats
from reference.sampling import sampled, smallest


@pytest.fixture(autouse=True)
def _short_timings(monkeypatch):
    monkeypatch.setattr(room, "BUDGET_SECONDS", 0.001)


def small():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 3),
    )


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize("family", sampled(families(), 4))
def test_every_family_says_the_same(family, name, tmp_path):
    seen = torch.randn(16, 3, 48, 48)
    options = {"depth": 0.1, "width": 0.25, "norm_momentum": 1.0}
    model = build(smallest(families()[family]), num_classes=7, seed=1, **options).train()
    with torch.no_grad():
        model(seen)  # norms that have seen images: fresh ones let deep networks fade to nothing
    images = seen[:3]
    found = export(model, images, format=name, out=tmp_path / "net")
    assert [each.exported.batch_size for each in found.comparisons] == [1, 3]
    for each in found.comparisons:
        assert each.parity.num_images == each.parity.num_same_top1 == 3
        assert each.parity.largest_logit > 0.001
    with torch.inference_mode():
        torch.testing.assert_close(
            formats()[name].load(tmp_path / "net")(images), model.eval()(images), rtol=1e-3, atol=1e-5
        )


def test_a_network_of_another_library(tmp_path):
    model, images = torchvision.models.resnet18(num_classes=4), torch.randn(2, 3, 40, 56)
    found = export(model, images, format="torch-export", out=tmp_path / "net.pt2")
    assert found.comparisons[1].parity.is_equal


def test_what_is_reported(tmp_path):
    model = small().double().train()
    found = export(model, torch.randn(1, 3, 9, 9), format="onnx", out=tmp_path / "new" / "net.onnx")
    told = found.to_dict()
    assert (told["format"], told["opset"], told["path"]) == (
        "onnx",
        formats()["onnx"].opset,
        str(tmp_path / "new" / "net.onnx"),
    )
    for row, batch_size in zip(told["comparisons"], (1, 2), strict=True):
        for side in ("original", "exported"):
            assert row[side]["batch_size"] == batch_size
            assert 0 < row[side]["low_seconds"] <= row[side]["median_seconds"] <= row[side]["high_seconds"]
    assert model.training
    assert {each.dtype for each in model.parameters()} == {torch.float64}
    assert os.listdir(tmp_path / "new") == ["net.onnx"]


def wrong(run):
    return lambda images: run(images) * 1.001


def other_class(run):
    return lambda images: run(images).flip(1)


def one_image_only(run):
    return lambda images: run(images[:1])


def no_number(run):
    return lambda images: run(images) * float("nan")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (wrong, "says something else than the network, in batches of 1: expected logits at most"),
        (other_class, "apart, [0-3] of 4 the same; no file was written"),
        (no_number, "got nan apart"),
        (one_image_only, r"fails in batches of 4 \(ValueError: logits of shapes"),
    ],
)
def test_without_proof_there_is_no_file(tmp_path, monkeypatch, change, told):
    kind = formats()["torch-export"]
    changed = replace(kind, load=lambda path: change(kind.load(path)))
    monkeypatch.setattr(room, "formats", lambda: {"torch-export": changed})
    (tmp_path / "net.pt2").write_text("what was there")
    with pytest.raises(ConvwrightError, match=told):
        export(small(), torch.randn(4, 3, 9, 9), format="torch-export", out=tmp_path / "net.pt2")
    assert os.listdir(tmp_path) == ["net.pt2"]
    assert (tmp_path / "net.pt2").read_text() == "what was there"


class Branching(nn.Module):
    def forward(self, x):
        return x.flatten(1) if x.sum() > 0 else -x.flatten(1)


class TwoOutputs(nn.Module):
    def forward(self, x):
        return {"logits": x.flatten(1)}


class FixedBatch(nn.Module):
    def forward(self, x):
        return x.view(2 if len(x) > 1 else 1, -1)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (Branching(), "torch-export: torch.export cannot follow the network"),
        (FixedBatch(), "torch-export: torch.export cannot follow the network"),
        (TwoOutputs(), r"expected logits \(N, classes\), got dict"),
        (nn.Conv2d(3, 2, 3), r"expected logits \(N, classes\), got shape \(1, 2, 7, 7\)"),
    ],
)
def test_what_cannot_be_exported_is_told(tmp_path, model, told):
    with pytest.raises(ConvwrightError, match=told):
        export(model, torch.randn(2, 3, 9, 9), format="torch-export", out=tmp_path / "net.pt2")
    assert os.listdir(tmp_path) == []


def test_what_onnx_has_no_word_for_is_told(tmp_path):
    class Bessel(nn.Module):
        def forward(self, x):
            return torch.special.bessel_j0(x).flatten(1)

    with pytest.raises(ConvwrightError, match="onnx: what onnxruntime runs cannot be made of the network"):
        export(Bessel(), torch.randn(2, 3, 4, 4), format="onnx", out=tmp_path / "net.onnx")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"format": "tflite"}, "unknown format 'tflite': expected one of onnx, torch-export"),
        ({"images": torch.zeros(0, 3, 9, 9)}, "images: expected at least one"),
        ({"images": torch.zeros(3, 9, 9)}, "images: expected at least one"),
    ],
)
def test_what_is_asked_has_to_make_sense(tmp_path, options, told):
    asked = {"images": torch.zeros(2, 3, 9, 9), "format": "onnx", "out": tmp_path / "net"} | options
    with pytest.raises(ConvwrightError, match=told):
        export(small(), asked.pop("images"), **asked)


@pytest.mark.parametrize("missing", formats()["onnx"].packages)
def test_a_missing_package_is_told(tmp_path, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ConvwrightError, match=r"pip install 'convwright\[export\]'"):
        export(small(), torch.zeros(2, 3, 9, 9), format="onnx", out=tmp_path / "net.onnx")


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConvwrightError, match="cannot write"):
        export(small(), torch.zeros(2, 3, 9, 9), format="torch-export", out=tmp_path / "file" / "net.pt2")
