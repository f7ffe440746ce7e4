"""Weights: where they come from, how they fit, and what damaged or foreign files do."""

import pickle
import socket

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import save_file

from convwright.data import sample_images
from convwright.errors import ConvwrightError
from convwright.models import build
from convwright.models.state_file import read_state
from convwright.models.weights import hub_preprocessing, imagenet_class_names


@pytest.fixture(scope="module")
def lite0():
    return build("efficientnet_lite0", weights="package").eval()


@pytest.fixture
def resnet20_file(tmp_path):
    path = tmp_path / "resnet20.safetensors"
    save_file(build("resnet20", seed=7).state_dict(), path)
    return path


SEEN = {  # any of these ImageNet classes is right
    "chelsea": {"Egyptian cat", "tabby", "tiger cat"},
    "coffee": {"espresso"},
    "rocket": {"missile", "projectile"},  # the nearest that ImageNet has
}


@pytest.mark.parametrize("name", SEEN)
def test_lite0_sees_what_is_in_the_photographs(lite0, name):
    with Image.open(sample_images()[name]) as image, torch.inference_mode():
        logits = lite0(lite0.preprocessing(image)[None])
    assert lite0.class_names[logits.argmax().item()] in SEEN[name]


def test_the_transform_comes_with_the_package_weights(lite0):
    assert lite0.preprocessing.to_dict() == {
        "resize_px": 256,
        "crop_px": 224,
        "mean": (127 / 255,) * 3,
        "std": (128 / 255,) * 3,
        "interpolation": "bicubic",
    }
    assert len(lite0.class_names) == 1000


@pytest.mark.parametrize("name", ["efficientnet_lite1", "efficientnet_lite2"])
def test_the_other_packages_load_too(name):
    model = build(name, weights="package").eval()
    with Image.open(sample_images()["coffee"]) as image, torch.inference_mode():
        logits = model(model.preprocessing(image)[None])
    assert model.class_names[logits.argmax().item()] == "espresso"


def test_a_pth_file_with_a_prefix_and_a_wrapper_loads(tmp_path):
    state = {f"module.{k}": v for k, v in build("resnet20", seed=7).state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "checkpoint.pth")
    model = build("resnet20", weights=str(tmp_path / "checkpoint.pth"))
    assert torch.equal(model.state_dict()["head.linear.weight"], state["module.head.linear.weight"])


def test_another_number_of_classes_says_how_to_go_on(resnet20_file):
    with pytest.raises(ConvwrightError) as caught:
        build("resnet20", num_classes=7, weights=str(resnet20_file))
    text = str(caught.value)
    assert "2 of another shape" in text
    assert "head.linear.weight is (10, 64), the model's (7, 64)" in text
    assert "model.replace_head(7)" in text


def test_another_width_and_another_depth_are_told_apart(resnet20_file):
    with pytest.raises(ConvwrightError, match="other widths"):
        build("resnet20", width=2.0, weights=str(resnet20_file))
    with pytest.raises(ConvwrightError) as caught:
        build("resnet32", weights=str(resnet20_file))
    assert "missing:" in str(caught.value)
    assert str(caught.value).count("stages.stage1.3.residual.conv1.conv.weight") == 1  # each key, once


def test_a_refused_file_leaves_the_model_as_it_was(resnet20_file):
    from convwright.models import families, load_weights

    model = build("resnet32", seed=1)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    with pytest.raises(ConvwrightError):
        load_weights(model, str(resnet20_file), name="resnet32", layouts=families()["resnet"].layouts)
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("content", [b"", b"not weights at all", b"PK\x03\x04 broken zip", b"\xff" * 64])
def test_a_damaged_file_gives_one_clear_error(tmp_path, suffix, content):
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(content)
    with pytest.raises(ConvwrightError, match=r"cannot be read as weights"):
        build("resnet20", weights=str(path))


@given(content=st.binary(max_size=200), suffix=st.sampled_from([".pth", ".safetensors"]))
def test_no_bytes_get_past_the_reader(tmp_path_factory, content, suffix):
    path = tmp_path_factory.mktemp("bytes") / f"weights{suffix}"
    path.write_bytes(content)
    with pytest.raises(ConvwrightError, match=r"cannot be read as weights|holds no weights"):
        read_state(path)


def test_a_truncated_file_gives_one_clear_error(resnet20_file):
    for suffix in (".safetensors", ".pth"):
        whole = resnet20_file.with_suffix(suffix)
        if suffix == ".pth":
            torch.save(build("resnet20").state_dict(), whole)
        whole.write_bytes(whole.read_bytes()[:-5000])
        with pytest.raises(ConvwrightError, match="download it again"):
            build("resnet20", weights=str(whole))


class _Hostile:
    def __reduce__(self):
        return (open, ("hostile-file-was-run", "w"))


def test_code_in_a_file_is_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.pth").write_bytes(pickle.dumps({"w": _Hostile()}))
    torch.save({"w": _Hostile()}, tmp_path / "zipped.pth")
    for name in ("plain.pth", "zipped.pth"):
        with pytest.raises(ConvwrightError, match="never run"):
            build("resnet20", weights=name)
    assert not (tmp_path / "hostile-file-was-run").exists()


def test_what_cannot_be_had_says_what_can():
    for weights, told in (
        ("no/such/file.pth", "a path where no file is"),
        ("imagenet", "expected torchvision, torchvision:ENUM, package"),
        ("torchvision:V9", "unknown weights of resnet50 'V9'"),
        ("package", "no package brings weights for resnet50: expected efficientnet_lite0"),
        ("hf:resnet50", "expected hf:owner/repository"),
    ):
        with pytest.raises(ConvwrightError) as caught:
            build("resnet50", weights=weights)
        assert told in str(caught.value)
    with pytest.raises(ConvwrightError, match="torchvision publishes no weights for resnet20"):
        build("resnet20", weights="torchvision")


def test_without_a_network_downloads_say_what_to_fetch(monkeypatch, tmp_path):
    def refuse(*_args, **_kwargs):
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(ConvwrightError, match=r"fetch resnet18-f37072fd\.pth where there is a network"):
        build("resnet18", weights="torchvision")
    monkeypatch.setattr("huggingface_hub.hf_hub_download", refuse)
    with pytest.raises(ConvwrightError, match="could not be had from the Hugging Face Hub"):
        build("resnet18", weights="hf:timm/resnet18.a1_in1k")


def test_torchvisions_file_brings_transform_and_classes(monkeypatch):
    from torchvision.models import ResNet18_Weights, resnet18

    state = resnet18().state_dict()
    monkeypatch.setattr(ResNet18_Weights, "get_state_dict", lambda *_, **__: state)
    model = build("resnet18", weights="torchvision:IMAGENET1K_V1")
    assert (model.preprocessing.resize_px, model.preprocessing.crop_px) == (256, 224)
    assert model.class_names == imagenet_class_names()
    assert torch.equal(model.stem.conv.conv.weight, state["conv1.weight"])
    assert model.replace_head(3).class_names is None


def test_a_hub_repository_in_its_true_layout(monkeypatch, tmp_path):
    save_file(build("resnet20", seed=7).state_dict(), tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(
        '{"pretrained_cfg": {"input_size": [3, 32, 32], "crop_pct": 1.0, "interpolation": "bilinear",'
        ' "mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2]}}'
    )
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda repo, name, revision: str(tmp_path / name))  # noqa: ARG005
    model = build("resnet20", weights="hf:someone/resnet20@v1")
    assert model.preprocessing.std == (0.2, 0.2, 0.2)


def test_a_card_that_does_not_say_gives_no_transform():
    assert hub_preprocessing({"input_size": [3, 32, 32]}) is None
