"""A photograph is shown to a network as it was trained to see, and only to networks that may be opened."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from convwright.errors import ConvwrightError
from convwright.studio.runs.explanation import Explainer
from convwright.studio.runs.run_entry import RunEntry
from convwright.studio.shared.photographs import Photographs
from reference.runs import invoke, own_folder, train
from reference.shipped import PREPROCESSING, ship

__all__ = ["own_folder"]  # a fixture that every test here uses


def found(folder, model):
    return RunEntry(name=folder.name, kind="training", folder=folder, model=model, state="finished")


def size(png):
    return Image.open(io.BytesIO(png)).size


def test_a_shipped_network_sees_what_it_would_predict(tmp_path):
    model, explainer = ship(tmp_path), Explainer(Photographs())
    network = explainer.network(found(tmp_path / "shipped", "resnet20"))
    look = explainer.explain(network, "coffee")
    with torch.inference_mode():
        shares = model(PREPROCESSING(explainer.photographs.get("coffee"))[None]).softmax(1)[0]
    assert [name for name, _ in look.classes] == [network.used.class_names[i] for i in shares.argsort(descending=True)]
    assert [share for _, share in look.classes] == pytest.approx(sorted(shares.tolist(), reverse=True), abs=1e-5)
    assert (look.shown, look.probability) == look.classes[0]
    assert size(look.image) == size(look.heat) == (320, 320)
    assert look.layer == network.last
    assert look.num_channels == network.layers[look.layer][0]


def test_class_and_layer_are_chosen(tmp_path):
    ship(tmp_path)
    explainer = Explainer(Photographs())
    network = explainer.network(found(tmp_path / "shipped", "resnet20"))
    looked = {name: explainer.explain(network, "coffee", class_name=name) for name in ("cat", "dog")}
    assert [look.shown for look in looked.values()] == ["cat", "dog"]
    assert looked["cat"].heat != looked["dog"].heat
    assert sum(look.probability for look in looked.values()) == pytest.approx(1)
    look = explainer.explain(network, "coffee", layer="stem")
    assert (look.layer, look.num_channels, len(look.channels)) == ("stem", 16, 16)
    assert size(look.channels[0][1]) == network.layers["stem"][:0:-1]
    for wrong, problem in (
        ({"layer": "head"}, "unknown layer"), ({"class_name": "bird"}, "unknown class"),
    ):  # fmt: skip
        with pytest.raises(ConvwrightError, match=problem):
            explainer.explain(network, "coffee", **wrong)
    with pytest.raises(ConvwrightError, match="unknown photograph"):
        explainer.explain(network, "../coffee")


def test_a_gray_network_gets_a_gray_photograph(tmp_path):
    invoke("train", "--model", "resnet20", "--arg", "depth=0.1", "--data", "digits", "--set", "steps=2", "--run", "run")
    explainer = Explainer(Photographs())
    network = explainer.network(found(tmp_path / "run", "resnet20"))
    assert explainer.network(found(tmp_path / "run", "resnet20")) is network
    look = explainer.explain(network, "chelsea")
    assert len(look.classes) == 5
    colors = np.asarray(Image.open(io.BytesIO(look.image)).convert("RGB"))
    assert (colors == colors[..., :1]).all()


def test_a_file_is_run_only_if_it_was_named(tmp_path):
    train("--run", "run")
    own = found(tmp_path / "run", "net.py:Net")
    with pytest.raises(ConvwrightError, match=r"run would run net\.py, which nobody named at the start"):
        Explainer(Photographs()).network(own)
    explainer = Explainer(Photographs(), "net.py:Net")
    assert explainer.explain(explainer.network(own), "rocket").num_channels == 8


def test_a_file_that_ends_its_process_does_not_end_the_studio(tmp_path):
    train("--run", "run")
    lines = (
        "import os",
        "from torch import nn",
        "class Net(nn.Conv2d):",
        "    def forward(self, x):",
        "        os._exit(1)",
    )
    (tmp_path / "net.py").write_text("\n".join(lines))
    with pytest.raises(ConvwrightError, match=r"net\.py cannot be looked at: SystemExit: os\._exit\(1\)"):
        Explainer(Photographs(), "net.py:Net").network(found(tmp_path / "run", "net.py:Net"))
