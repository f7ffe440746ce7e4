"""Calls of libraries that fetch, load or set up a GPU, made by a network as people write it."""

import io
import sys
from pathlib import Path

import pytest
import timm
import torch
import torchvision
from safetensors.torch import load_file, save_file
from torch import nn
from torch.hub import load_state_dict_from_url

from convwright.errors import ConvwrightError
from convwright.models import build
from convwright.networks.guards.guard import NetworkGuard
from convwright.networks.guards.isolation import isolated


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("squeezenet1_1", lambda: torchvision.models.squeezenet1_1(weights="DEFAULT")),
        ("squeezenet1_1", lambda: torchvision.models.get_model("squeezenet1_1", weights="IMAGENET1K_V1")),
        ("resnet10t", lambda: timm.create_model("resnet10t", pretrained=True, num_classes=7, in_chans=1)),
        ("efficientnet_lite0", lambda: build("efficientnet_lite0", weights="package")),
    ],
)
def test_a_pretrained_network_is_built_without_its_weights(name, make, hub):
    guard = NetworkGuard()
    with torch.device("meta"), isolated(guard):
        assert isinstance(make(), nn.Module)
    assert len(guard.notes) == 1
    assert guard.notes[0].startswith(f"weights of {name} (")
    assert not hub.exists()


def test_weights_go_through_what_is_done_with_them_and_are_not_loaded(tmp_path):
    net, guard = nn.Linear(2, 2), NetworkGuard()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    torch.save({"model": nn.Linear(2, 2).state_dict()}, tmp_path / "net.pth")
    save_file(nn.Linear(2, 2).state_dict(), tmp_path / "net.safetensors")
    with isolated(guard):
        state = torch.load(tmp_path / "net.pth", map_location="cuda")
        net.load_state_dict(state.get("model", state))
        net.load_state_dict({key.removeprefix("module."): value for key, value in state["model"].items()})
        net.load_state_dict({"weight": state["weight"].mean(1)})
        net.load_state_dict(load_file(tmp_path / "net.safetensors"))
        net.load_state_dict(load_state_dict_from_url("https://example.com/net-0123abcd.pth?raw=1", progress=True))
        with (tmp_path / "net.pth").open("rb") as file:
            net.load_state_dict(torch.load(file))
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    names = [note.partition("(")[0] for note in guard.notes]
    assert names == [f"weights of {name} " for name in ("net.pth", "net.safetensors", "net", "net.pth")]


def test_what_was_not_loaded_from_a_file_is_as_ever():
    net, buffer = nn.Linear(2, 2), io.BytesIO()
    with isolated(NetworkGuard()):
        torch.save(net.state_dict(), buffer)
        buffer.seek(0)
        other = nn.Linear(2, 2)
        other.load_state_dict(torch.load(buffer))
        with pytest.raises(RuntimeError, match="Missing key"):
            other.load_state_dict({})
    assert torch.equal(net.weight, other.weight)


def test_a_repository_comes_from_the_hub_on_disk_or_is_asked_for(hub):
    (hub / "own_nets_main").mkdir(parents=True)
    text = "from torch import nn\ndef net(width, pretrained=False):\n    return nn.Linear(width, 2)\n"
    (hub / "own_nets_main/hubconf.py").write_text(text)
    with isolated(NetworkGuard()):
        assert torch.hub.load("own/nets", "net", 3, pretrained=True).in_features == 3
        with pytest.raises(ConvwrightError, match=r"test_guarded_calls.py:\d+ needs the repository own/nets:v2"):
            torch.hub.load("own/nets:v2", "net", 3)
    assert [path.name for path in hub.iterdir()] == ["own_nets_main"]
    sys.modules.pop("hubconf", None)


def test_files_are_not_downloaded(tmp_path):
    from urllib.request import urlretrieve

    guard = NetworkGuard()
    with isolated(guard):
        torch.hub.download_url_to_file("https://example.com/a.pth", str(tmp_path / "a.pth"))
        path, _ = urlretrieve("https://example.com/b.pth", tmp_path / "b.pth")
        assert torch.load(path) == {}
    assert list(tmp_path.iterdir()) == []
    assert [note.partition(" (")[0] for note in guard.notes] == ["a.pth", "b.pth", "weights of b.pth"]


def test_files_of_a_hub_are_weights_or_are_asked_for(tmp_path):
    from huggingface_hub import hf_hub_download

    guard = NetworkGuard()
    with isolated(guard):
        assert load_file(hf_hub_download("own/net", "model.safetensors", cache_dir=tmp_path)) == {}
        with pytest.raises(ConvwrightError, match=r"needs config.json of own/net: .*--import"):
            hf_hub_download("own/net", "config.json", cache_dir=tmp_path)
        with pytest.raises(ConvwrightError, match=r"needs config.json of own/net: .*--import"):
            timm.create_model("hf-hub:own/net", pretrained=True, cache_dir=tmp_path)
    assert [note.partition(" (")[0] for note in guard.notes] == ["weights of model.safetensors"]
    assert list(tmp_path.rglob("*.safetensors")) == []


def test_no_gpu_is_set_up():
    guard, net = NetworkGuard(), nn.Linear(2, 2)
    with isolated(guard):
        torch.cuda.set_device(0)
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        torch.set_default_device("cuda")
        assert (torch.cuda.is_available(), torch.cuda.device_count(), torch.cuda.current_device()) == (False, 0, 0)
        assert net.to(0) is net
        assert net.to(0, torch.float64).weight.dtype is torch.float64
        with pytest.raises(ConvwrightError, match=r"test_guarded_calls.py:\d+ needs a GPU: "):
            torch.cuda.get_device_properties(0)
    assert torch.get_default_device() == torch.device("cpu")
    available = torch.cuda.is_available()
    with isolated(guard, is_tracing=True):
        assert torch.cuda.is_available() is available


class Config:
    @classmethod
    def from_pretrained(cls, name):
        return {"width": len(name)}


class PreTrainedModel(nn.Module):
    """Written as transformers writes it: the part of it that is looked at."""

    config_class = Config

    def __init__(self, config):
        super().__init__()
        self.linear = nn.Linear(config["width"], 2)

    @classmethod
    def from_pretrained(cls, *_, **__):
        raise AssertionError("it would be fetched")


def test_a_network_of_transformers_is_built_from_its_config(monkeypatch):
    module = type(sys)("transformers.modeling_utils")
    module.PreTrainedModel = PreTrainedModel
    monkeypatch.setitem(sys.modules, "transformers.modeling_utils", module)
    guard = NetworkGuard()
    with isolated(guard):
        assert PreTrainedModel.from_pretrained("own/net", torch_dtype="auto").linear.in_features == 7
        assert PreTrainedModel.from_pretrained("own/net", config={"width": 3}).linear.in_features == 3
    assert [note.partition(" (")[0] for note in guard.notes] == ["weights of own/net"] * 2
    assert Path(__file__).name in guard.notes[0]


def test_what_a_trace_cannot_follow_stays_as_it_is_written():
    def double(x):
        return 2 * x

    layer = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 1, 4), 1, enable_nested_tensor=False)
    mask = nn.Transformer.generate_square_subsequent_mask(3, device="meta")
    with isolated(NetworkGuard(), is_tracing=True):
        assert torch.jit.script(double) is torch.compile(double) is torch.compile(mode="default")(double) is double
        assert layer.to("meta").train()(torch.empty(3, 1, 4, device="meta"), mask).shape == (3, 1, 4)
