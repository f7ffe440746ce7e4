"""`convwright train`, from the command line to the files."""

import csv
import json
import shutil

import pytest

from convwright.data.mini import mini_folder
from convwright.data.sets import EncodedSet
from convwright.errors import ConvwrightError
from convwright.training.run_folder import read_spec
from reference.runs import NEEDS_IMPORT, SHORT, invoke, own_folder, train
from reference.small_sets import pixels, write_folders

__all__ = ["own_folder"]  # a fixture that every test here uses


def test_a_run_leaves_what_one_wants_to_look_at(tmp_path):
    said = train()
    assert "epoch   2" in said
    assert "test accuracy" in said
    run = tmp_path / "runs/Net-digits-0"
    names = {path.name for path in run.iterdir()}
    assert names >= {"run.json", "recipe.toml", "metrics.csv", "record.json", "weights.safetensors"}
    assert names >= {"curves.png", "confusion.png", "report.html", "checkpoints"}
    assert len(list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))) == 2
    page = (run / "report.html").read_text()
    assert "net.py:Net on digits" in page
    assert "https://" not in page


def test_a_run_goes_on_as_it_began(tmp_path):
    whole = train("--run", "whole")
    assert "epoch   2" in whole
    train("--run", "half")
    newest = max((tmp_path / "half/checkpoints").iterdir())
    shutil.rmtree(newest) if newest.is_dir() else newest.unlink()
    said = invoke("train", "--resume", "--run", "half")
    assert "epoch   1" not in said
    assert (tmp_path / "half/weights.safetensors").read_bytes() == (tmp_path / "whole/weights.safetensors").read_bytes()


def test_the_zoo_takes_classes_and_channels_from_the_data(tmp_path):
    invoke(
        "train", "--model", "resnet20", "--arg", "width=0.25", "--data", "digits", *SHORT, "--run", "run", "--seed", 3
    )
    assert json.loads((tmp_path / "run/run.json").read_text())["seed"] == 3
    assert json.loads((tmp_path / "run/record.json").read_text())["recipe"]["seed"] == 3


def test_crops_are_taken_from_whole_images(tmp_path):
    write_folders(tmp_path / "pets", pixels(40, channels=1, height=20, width=30))
    own = ("--set", "augmentation.random_resized_crop=0.3", "--set", "batch_size=16", "--image-size", 16)
    invoke("train", "--model", "net.py:Net", "--arg", "classes=2", "--data", "pets", *SHORT, *own, "--run", "run")
    assert json.loads((tmp_path / "run/run.json").read_text())["whole_images"] is True
    data = read_spec(tmp_path / "run").load_data()
    assert isinstance(data.train, EncodedSet)
    assert data.image_shape == (1, 16, 16)
    assert "accuracy" in invoke("evaluate", "run")


def test_a_run_remembers_that_all_of_its_file_runs(tmp_path):
    (tmp_path / "classes.txt").write_text("10")
    (tmp_path / "net.py").write_text(NEEDS_IMPORT)
    with pytest.raises(ConvwrightError, match=r"Net is not defined.*--import"):
        train("--run", "run")
    train("--run", "run", "--import")
    assert read_spec(tmp_path / "run").run_all
    assert "test accuracy" in invoke("train", "--resume", "--run", "run")
    assert "accuracy" in invoke("evaluate", "run")


def test_weights_that_were_not_loaded_are_said(tmp_path):
    text = (
        (tmp_path / "net.py")
        .read_text()
        .replace("        self.head", "        torch.load('gone.pth')\n        self.head")
    )
    (tmp_path / "net.py").write_text(text)
    assert "note: weights of gone.pth (net.py:9) were not loaded" in train("--run", "run", "--set", "epochs=1")


def test_the_recipes_are_listed():
    assert "cifar-fast" in invoke("train", "--recipes")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "expected --model"),
        (("--model", "resnet20"), "expected --data"),
        (("--model", "resnet20", "--data", "cifar11"), "cifar10"),
        (("--model", "resnet20", "--data", "digits", "--recipe", "cifar-slow"), "cifar-fast"),
        (("--model", "resnet20", "--data", "digits", "--set", "optimiser.lr=1"), "optimizer"),
        (("--model", "resnet20", "--data", "digits", "--logger", "tensorbord"), "tensorboard"),
        (("--resume",), "--run to go on with"),
        (("--resume", "--run", "nowhere"), "holds no run"),
    ],
)
def test_a_wrong_request_is_explained(arguments, said):
    with pytest.raises(ConvwrightError, match=said):
        invoke("train", *arguments)


def test_the_set_that_ships_is_there():
    assert {path.name for path in mini_folder().iterdir()} >= {"train.parquet", "test.parquet"}


def test_a_wrong_device_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ConvwrightError, match="unknown device 'tpu'"):
        train("--run", str(tmp_path / "run"), "--device", "tpu")
    assert not (tmp_path / "run").exists()
