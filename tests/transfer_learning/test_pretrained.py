"""Networks by name and their weights: each library's own way, files, and what is said where there are none."""

import pytest
import torch
import torchvision
from safetensors.torch import save_file

from convwright.errors import ConvwrightError
from convwright.models import build
from convwright.transfer_learning import load_backbone

NET = """
from torch import nn

def make(width=4, classes=2):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    return tmp_path


def weight_of(backbone, layer):
    return backbone.model.get_submodule(layer).weight


def test_a_network_of_the_zoo_with_its_packages_weights():
    backbone = load_backbone("efficientnet_lite0", weights="package")
    expected = build("efficientnet_lite0", weights="package")
    assert torch.equal(weight_of(backbone, "head.linear"), expected.head.linear.weight)
    assert backbone.preprocessing == expected.preprocessing
    assert load_backbone("resnet20", arguments={"num_classes": 3}).model.head.linear.out_features == 3


def test_torchvisions_weights_come_with_their_transform(monkeypatch):
    from torchvision.models import ResNet18_Weights

    state, asked = torchvision.models.resnet18().state_dict(), []

    def get_state_dict(entry, **_options):
        asked.append(entry)
        return state

    monkeypatch.setattr(ResNet18_Weights, "get_state_dict", get_state_dict)
    for weights in ("torchvision", "torchvision:IMAGENET1K_V1"):
        backbone = load_backbone("torchvision:resnet18", weights=weights)
        assert torch.equal(weight_of(backbone, "conv1"), state["conv1.weight"])
        assert (backbone.preprocessing.resize_px, backbone.preprocessing.crop_px) == (256, 224)
    assert asked == [ResNet18_Weights.IMAGENET1K_V1] * 2
    with pytest.raises(ConvwrightError, match="unknown weights of resnet18 'V9'"):
        load_backbone("torchvision:resnet18", weights="torchvision:V9")


@pytest.mark.filterwarnings("ignore")  # of the library, that this network starts slowly
def test_what_torchvision_sets_for_its_weights_is_set(monkeypatch):
    from torchvision.models import GoogLeNet_Weights, googlenet

    state = googlenet(init_weights=False).state_dict()
    monkeypatch.setattr(GoogLeNet_Weights, "get_state_dict", lambda *_, **__: state)
    backbone = load_backbone("torchvision:googlenet", weights="torchvision")
    assert backbone.model.transform_input
    assert backbone.stages["conv1"] == ("conv1",)  # and no auxiliary classifiers


def test_timms_weights_come_with_their_transform(monkeypatch, folder):
    timm = pytest.importorskip("timm")
    own = timm.create_model("test_resnet")
    save_file(own.state_dict(), folder / "model.safetensors")
    asked = []

    def download(repo_id, **_options):
        asked.append(repo_id)
        return str(folder / "model.safetensors")

    monkeypatch.setattr("timm.models._hub.hf_hub_download", download)
    backbone = load_backbone("timm:test_resnet.r160_in1k", weights="timm")
    assert asked == ["timm/test_resnet.r160_in1k"]
    assert torch.equal(weight_of(backbone, "conv1.0"), own.conv1[0].weight)
    card = timm.get_pretrained_cfg("test_resnet.r160_in1k")
    assert backbone.image_shape == card.input_size
    assert backbone.preprocessing.crop_px == card.input_size[1]
    assert backbone.preprocessing.resize_px == int(card.input_size[1] / card.crop_pct)
    assert (backbone.preprocessing.mean, backbone.preprocessing.interpolation) == (card.mean, card.interpolation)


@pytest.mark.parametrize("text", ["torchvision:resnet18", "timm:test_resnet"])
def test_without_a_network_a_file_is_asked_for(monkeypatch, folder, text):
    def refuse(*_arguments, **_options):
        raise FileNotFoundError("no network")

    monkeypatch.setenv("TORCH_HOME", str(folder))
    monkeypatch.setattr("torch.hub.download_url_to_file", refuse)
    monkeypatch.setattr("timm.models._hub.hf_hub_download", refuse)
    with pytest.raises(ConvwrightError, match=rf"the weights of {text} could not be downloaded .*pass its path"):
        load_backbone(text, weights=text.partition(":")[0])


def test_a_factory_with_a_file(folder):
    state = load_backbone("net.py:make", arguments={"width": 6}).model.state_dict()
    torch.save({"state_dict": {f"module.{key}": value for key, value in state.items()}}, folder / "kept.pth")
    backbone = load_backbone("net.py:make", weights="kept.pth", arguments={"width": 6})
    assert all(torch.equal(value, state[key]) for key, value in backbone.model.state_dict().items())
    assert (backbone.num_features, backbone.preprocessing) == (6, None)
    for arguments in ({}, {"width": 6, "classes": 3}):
        with pytest.raises(ConvwrightError, match=r"of another shape(.|\n)*build the network as it was") as caught:
            load_backbone("net.py:make", weights="kept.pth", arguments=arguments)
        assert "kept.pth does not fit Sequential" in str(caught.value)
    with pytest.raises(ConvwrightError, match=r"missing:(.|\n)*unexpected:(.|\n)*build the network as it was"):
        load_backbone("torchvision:resnet18", weights="kept.pth")


def test_weights_that_its_file_does_not_get_are_noted(folder):
    lines = "import torch\n" + (folder / "net.py").read_text()
    (folder / "net.py").write_text(lines + "\ndef loaded():\n    torch.load('gone.pth')\n    return make()\n")
    assert "weights of gone.pth (net.py:" in load_backbone("net.py:loaded").notes[0]


def test_a_file_that_is_cut_off(folder):
    path = folder / "kept.safetensors"
    save_file(load_backbone("net.py:make").model.state_dict(), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ConvwrightError, match=r"kept\.safetensors cannot be read as weights"):
        load_backbone("net.py:make", weights="kept.safetensors")


@pytest.mark.parametrize(
    ("text", "weights", "message"),
    [
        ("resnet21", None, "did you mean .* or resnet20"),
        ("resnet20", "package", "no package brings weights for resnet20"),
        (
            "torchvision:resnet18",
            "no.pth",
            r"weights 'no.pth' of torchvision:resnet18: expected torchvision, or the path",
        ),
        ("net.py:make", "torchvision", "expected the path of a file that exists"),
        ("torchvision:efficientnet_lite0", "torchvision", "unknown torchvision model 'efficientnet_lite0'"),
        (
            "torchvision:r3d_18",
            None,
            r"torchvision:r3d_18: expected a network of images, got one with an input of 1x3x16x112",
        ),
    ],
)
def test_what_cannot_be_had(text, weights, message):
    with pytest.raises(ConvwrightError, match=message):
        load_backbone(text, weights=weights)
