"""A photograph is shown to a network as it was trained to see, and only to networks that may be opened."""

import io
import os

import numpy as np
import pytest
import torch
from PIL import Image

from convwright.errors import ConvwrightError
from convwright.studio.runs.explanation import Explainer, TrainedNetwork
from convwright.studio.runs.run_entry import RunEntry
from convwright.studio.shared.photographs import Photographs
from reference.runs import invoke, own_folder, train
from reference.shipped import PREPROCESSING, ship

__all__ = ["own_folder"]  # a fixture that every test here uses


def found(folder, model):
    return RunEntry(name=folder.name, kind="training", folder=folder, model=model, state="finished")


def size(png):
    return Image.open(io.BytesIO(png)).size


def explained(explainer, run, picture, **choices):
    return list(explainer.steps(run, picture, **choices))


def test_a_shipped_network_sees_what_it_would_predict(tmp_path):
    model, explainer = ship(tmp_path), Explainer(Photographs())
    choices, look = explained(explainer, found(tmp_path / "shipped", "resnet20"), "coffee")
    with torch.inference_mode():
        shares = model(PREPROCESSING(explainer.photographs.get("coffee"))[None]).softmax(1)[0]
    assert [name for name, _ in look.classes] == [choices.class_names[i] for i in shares.argsort(descending=True)]
    assert [share for _, share in look.classes] == pytest.approx(sorted(shares.tolist(), reverse=True), abs=1e-5)
    assert (look.shown, look.probability) == look.classes[0]
    assert size(look.image) == size(look.heat) == (320, 320)
    assert look.layer == choices.last
    assert look.num_channels == choices.layers[look.layer][0]


def test_class_and_layer_are_chosen(tmp_path):
    ship(tmp_path)
    explainer, run = Explainer(Photographs()), found(tmp_path / "shipped", "resnet20")
    looked = {name: explained(explainer, run, "coffee", class_name=name)[1] for name in ("cat", "dog")}
    assert [look.shown for look in looked.values()] == ["cat", "dog"]
    assert looked["cat"].heat != looked["dog"].heat
    assert sum(look.probability for look in looked.values()) == pytest.approx(1)
    choices, look = explained(explainer, run, "coffee", layer="stem")
    assert (look.layer, look.num_channels, len(look.channels)) == ("stem", 16, 16)
    assert size(look.channels[0][1]) == choices.layers["stem"][:0:-1]


def test_a_wrong_choice_is_named_when_the_choices_are_known(tmp_path):
    ship(tmp_path)
    explainer, run = Explainer(Photographs()), found(tmp_path / "shipped", "resnet20")
    for wrong, problem in (
        ({"layer": "head"}, "unknown layer"), ({"class_name": "bird"}, "unknown class"),
    ):  # fmt: skip
        steps = explainer.steps(run, "coffee", **wrong)
        assert next(steps).class_names == ("cat", "dog")
        with pytest.raises(ConvwrightError, match=problem):
            next(steps)
    with pytest.raises(ConvwrightError, match="unknown photograph"):
        explained(explainer, run, "../coffee")


def test_a_gray_network_gets_a_gray_photograph(tmp_path, monkeypatch):
    invoke("train", "--model", "resnet20", "--arg", "depth=0.1", "--data", "digits", "--set", "steps=2", "--run", "run")
    explainer, run = Explainer(Photographs()), found(tmp_path / "run", "resnet20")
    _, look = explained(explainer, run, "chelsea")
    assert len(look.classes) == 5
    colors = np.asarray(Image.open(io.BytesIO(look.image)).convert("RGB"))
    assert (colors == colors[..., :1]).all()
    monkeypatch.setattr(TrainedNetwork, "read", None)  # it is kept
    assert explained(explainer, run, "chelsea")[1].classes == look.classes


def test_a_file_is_run_only_if_it_was_named(tmp_path):
    train("--run", "run")
    own = found(tmp_path / "run", "net.py:Net")
    with pytest.raises(ConvwrightError, match=r"run would run net\.py, which nobody named at the start"):
        explained(Explainer(Photographs()), own, "rocket")
    assert explained(Explainer(Photographs(), "net.py:Net"), own, "rocket")[1].num_channels == 8


def test_a_users_network_is_computed_in_a_process_of_its_own(tmp_path):
    train("--run", "run")
    net = (tmp_path / "net.py").read_text()
    explainer, run = Explainer(Photographs(), "net.py:Net"), found(tmp_path / "run", "net.py:Net")
    (tmp_path / "net.py").write_text(net.replace("return", "import os; os.environ['SEEN'] = '1'; return"))
    assert len(explained(explainer, run, "rocket")) == 2
    assert "SEEN" not in os.environ
    (tmp_path / "net.py").write_text(net.replace("return", "import os; os._exit(1); return"))
    with pytest.raises(ConvwrightError, match=r"net\.py"):
        explained(explainer, run, "rocket")
