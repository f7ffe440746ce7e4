"""What is shipped can be used: written and read back, and every damage told."""

import json
import os
import pickle
from dataclasses import replace

import pytest
import torch
import torchvision.models
from torch import nn

from convwright.errors import ConvwrightError
from convwright.models import Preprocessing, build
from convwright.transfer_learning.artifact import ModelCard, read_artifact, write_artifact

PREPROCESSING = Preprocessing(resize_px=40, crop_px=32, mean=(0.1, 0.2, 0.3), std=(1 / 3, 0.5, 0.7))
NET = """
from torch import nn

class Net(nn.Sequential):
    def __init__(self, width=4, classes=9, head_bias=True):
        super().__init__(nn.Conv2d(3, width, 3), nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), nn.Linear(width, classes, bias=head_bias))
"""


def card(model="resnet20", **fields):
    return ModelCard(**{"model": model, "class_names": ("ant", "bee"), "preprocessing": PREPROCESSING} | fields)


def small(num_classes=2):
    return build("resnet20", num_classes=num_classes, width=0.5, seed=3).eval()


@pytest.fixture
def shipped(tmp_path):
    write_artifact(tmp_path, small(), card(arguments={"width": 0.5}))
    return tmp_path


def from_torchvision():
    model = torchvision.models.mobilenet_v3_small()
    model.classifier[3] = nn.Linear(1024, 2)
    return model


def from_timm():
    import timm

    return timm.create_model("resnet10t", num_classes=2)


def own_net(tmp_path, **options):
    (tmp_path / "net.py").write_text(NET)
    space = {}
    exec(NET, space)
    net = space["Net"](**options)
    net[5] = nn.Linear(net[5].in_features, 2)
    return net


@pytest.mark.parametrize(
    ("model", "arguments", "make"),
    [
        ("resnet20", {"width": 0.5, "num_classes": 7}, lambda _path: small()),
        ("vgg11", {"width": 0.1}, lambda _path: build("vgg11", width=0.1, num_classes=2)),
        ("torchvision:mobilenet_v3_small", {}, lambda _path: from_torchvision()),
        ("timm:resnet10t", {}, lambda _path: from_timm()),
        ("{}/net.py:Net", {"width": 6}, lambda path: own_net(path, width=6)),
        ("{}/net.py:Net", {"head_bias": False, "classes": 2}, lambda path: own_net(path, head_bias=False)),
    ],
)
def test_what_was_written_is_read(tmp_path, model, arguments, make):
    net, images = make(tmp_path), torch.randn(3, 3, 32, 32)
    net.train()(torch.randn(8, 3, 32, 32))  # statistics of their own
    written = card(model.format(tmp_path), arguments=arguments, weights="package", data="photos")
    state = torch.get_rng_state()
    write_artifact(tmp_path / "run", net, written)
    read, found = read_artifact(tmp_path / "run")
    assert torch.equal(torch.get_rng_state(), state)
    assert net.training
    assert found == written
    with torch.inference_mode():
        assert torch.equal(read(images), net.eval()(images))
    modes = {path.name: path.stat().st_mode for path in (tmp_path / "run").iterdir()}
    assert modes.keys() == {"model.json", "model.safetensors"}
    assert len(set(modes.values())) == 1


def test_a_net_of_the_zoo_knows_its_classes_and_preprocessing(shipped):
    model, found = read_artifact(shipped)
    assert (model.class_names, model.preprocessing) == (found.class_names, PREPROCESSING)
    assert model.config.num_classes == 2


def test_a_card_of_an_earlier_version_is_read(shipped):
    values = json.loads((shipped / "model.json").read_text())
    assert values.pop("run_all") is False
    (shipped / "model.json").write_text(json.dumps(values))
    assert read_artifact(shipped)[1] == card(arguments={"width": 0.5})


def test_half_precision_is_shipped_whole(tmp_path):
    write_artifact(tmp_path, small().bfloat16(), card(arguments={"width": 0.5}))
    assert {each.dtype for each in read_artifact(tmp_path)[0].parameters()} == {torch.float32}


def test_writing_again_gives_the_same_bytes(shipped):
    before = [(shipped / name).read_bytes() for name in ("model.json", "model.safetensors")]
    write_artifact(shipped, *read_artifact(shipped))
    assert [(shipped / name).read_bytes() for name in ("model.json", "model.safetensors")] == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda model: model.replace_head(3), r"expected \(N, 2\), a logit for each class, got shape \(2, 3\)"),
        (lambda model: model.stem.add_module("more", nn.Tanh()), "something else than the model: got logits"),
        (lambda model: model.stages.add_module("more", nn.Conv2d(32, 32, 1)), "Unexpected key.*stages.more.weight"),
    ],
)
def test_a_card_of_another_model_is_refused_and_nothing_written(tmp_path, change, told):
    model = small()
    change(model)
    with pytest.raises(ConvwrightError, match=f"(?s){told}"):
        write_artifact(tmp_path / "run", model, card(arguments={"width": 0.5}))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("names", [(), ("ant", "ant")])
def test_classes_have_names_of_their_own(names):
    with pytest.raises(ConvwrightError, match="class_names: expected at least one, all different"):
        card(class_names=names)


def test_arguments_can_be_written():
    with pytest.raises(ConvwrightError, match="arguments: expected what JSON can hold"):
        card(arguments={"stages": {2, 3}})


def test_killed_between_the_two_files_leaves_no_mixture(shipped, monkeypatch):
    monkeypatch.setattr("convwright.transfer_learning.artifact.write", lambda path, _text: path.touch())
    other = build("resnet20", num_classes=2, width=0.5, seed=4)
    write_artifact(shipped, other, replace(read_artifact(shipped)[1], class_names=("cat", "dog")))
    with pytest.raises(ConvwrightError, match=r"is not what model\.json was written for"):
        read_artifact(shipped)


def changed(**fields):
    def change(path):
        (path / "model.json").write_text(json.dumps(json.loads((path / "model.json").read_text()) | fields))

    return change


def without(name):
    def change(path):
        fields = json.loads((path / "model.json").read_text())
        del fields[name]
        (path / "model.json").write_text(json.dumps(fields))

    return change


def cut(name):
    return lambda path: os.truncate(path / name, (path / name).stat().st_size // 2)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (cut("model.safetensors"), "model.safetensors is not what .* damaged: its checksum differs"),
        (cut("model.json"), "model.json is damaged: JSONDecodeError"),
        (lambda path: (path / "model.json").unlink(), "holds no model: expected a folder with model.json"),
        (lambda path: (path / "model.safetensors").unlink(), "has no model.safetensors"),
        (lambda path: (path / "model.json").write_text("[]"), "model.json is damaged"),
        (lambda path: (path / "model.json").write_bytes(pickle.dumps(1)), "model.json is damaged"),
        (changed(schema=2), r"schema of .*: expected 1, got 2; a newer convwright may read it"),
        (without("schema"), r"is damaged: KeyError\('schema'\)"),
        (without("preprocessing"), r"is damaged: KeyError\('preprocessing'\)"),
        (without("class_names"), r"is damaged: KeyError\('class_names'\)"),
        (changed(preprocessing=PREPROCESSING.to_dict() | {"crop_px": 90}), "is damaged: resize_px: expected at least"),
        (changed(preprocessing=PREPROCESSING.to_dict() | {"crop_px": "9"}), "is damaged: TypeError"),
        (changed(preprocessing=PREPROCESSING.to_dict() | {"mean": [0.5]}), "is damaged: .*three channels"),
        (changed(preprocessing=PREPROCESSING.to_dict() | {"flip": True}), "is damaged: TypeError.*flip"),
        (changed(arguments=3), "is damaged: TypeError"),
        (changed(class_names=["ant", "bee", "cat"]), "model.json names 3 classes, the weights are of 2"),
        (changed(class_names=["ant", "ant"]), "is damaged: class_names: expected at least one, all different"),
        (changed(arguments={"width": 1.0}), "size mismatch for .*was the source of resnet20 changed"),
        (changed(model="resnet56"), "Missing key.*written with convwright .* and torch"),
        (changed(model="resnet21"), "unknown model 'resnet21'.*did you mean"),
        (changed(model="gone/net.py:Net"), "unknown file 'gone/net.py'"),
    ],
)
def test_damage_is_told(shipped, damage, told):
    damage(shipped)
    with pytest.raises(ConvwrightError, match=f"(?s){told}"):
        read_artifact(shipped)


def test_no_folder_is_told(tmp_path):
    with pytest.raises(ConvwrightError, match="none holds no model"):
        read_artifact(tmp_path / "none")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConvwrightError, match="cannot write"):
        write_artifact(tmp_path / "file" / "run", small(), card(arguments={"width": 0.5}))
