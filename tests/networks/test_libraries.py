"""Networks of torchvision and timm: their inputs, their weights, and when they are missing."""

import sys
from urllib.error import URLError

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.networks import NetworkName
from convwright.networks.libraries import open_timm, open_torchvision

pytestmark = pytest.mark.filterwarnings("ignore")  # deprecations of model libraries are theirs


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("torchvision:resnet18", (1, 3, 224, 224)),
        ("torchvision:mobilenet_v3_small", (1, 3, 224, 224)),
        ("torchvision:inception_v3", (1, 3, 299, 299)),
        ("torchvision:efficientnet_v2_s", (1, 3, 384, 384)),
        ("torchvision:r3d_18", (1, 3, 16, 112, 112)),
        ("torchvision:lraspp_mobilenet_v3_large", (1, 3, 224, 224)),
        ("timm:resnet18", (1, 3, 224, 224)),
        ("timm:mobilenetv3_small_100.lamb_in1k", (1, 3, 224, 224)),
    ],
)
def test_published_models_bring_their_own_input(text: str, shape: tuple[int, ...]) -> None:
    name = NetworkName(text=text)
    with torch.device("meta"):
        network = open_torchvision(name) if name.source == "torchvision" else open_timm(name)
    assert network.inputs[0].shape == shape
    assert network.label == text
    assert network.preprocessing is None


def test_a_network_of_optical_flow_takes_two_pictures() -> None:
    with torch.device("meta"):
        network = open_torchvision(NetworkName(text="torchvision:raft_small"))
    assert network.example_inputs == [(1, 3, 224, 224), (1, 3, 224, 224)]


def test_timm_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ConvwrightError, match="pip install timm"):
        open_timm(NetworkName(text="timm:resnet18"))


def test_weights_that_cannot_be_downloaded_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_args: object, **_options: object) -> None:
        raise URLError("no route")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)
    name = NetworkName(text="torchvision:squeezenet1_1", weights="torchvision")
    with pytest.raises(ConvwrightError, match=r"could not be downloaded \(URLError\).*pass its path as weights"):
        open_torchvision(name)
    with pytest.raises(ConvwrightError, match="IMAGENET1K_V1"):
        open_torchvision(NetworkName(text=name.text, weights="torchvision:V3"))
