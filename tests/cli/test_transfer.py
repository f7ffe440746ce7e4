"""`convwright transfer`, from the command line to the files, and on to `predict`."""

import json

import pytest
from typer.testing import CliRunner

from convwright.cli import transfer as verb
from convwright.cli.main import app
from convwright.errors import ConvwrightError
from reference.runs import NEEDS_IMPORT, invoke, own_folder
from reference.small_sets import pixels, write_folders

__all__ = ["own_folder"]  # a fixture that every test here uses
NET = ("--model", "color.py:Net")
SHORT = ("--set", "epochs=1", "--set", "batch_size=8", "--set", "precision=fp32", "--seeds", 1)


@pytest.fixture(autouse=True)
def _photos(tmp_path, own_folder):  # noqa: ARG001
    write_folders(tmp_path / "photos", pixels(40, height=20, width=18))
    (tmp_path / "color.py").write_text((tmp_path / "net.py").read_text().replace("nn.Conv2d(1", "nn.Conv2d(3"))


def transfer(*more):
    return invoke("transfer", "--data", "photos", *NET, *SHORT, *more)


def test_a_run_leaves_a_network_that_predicts_and_a_report(tmp_path):
    said = transfer("--strategy", "ridge", "--strategy", "finetune", "--freeze", "conv")
    assert "2 of 2: finetune, seed 0" in said
    assert "never (frozen)" in said
    assert "Ship " in said
    run = tmp_path / "runs/transfer-Net-photos"
    assert {path.name for path in run.iterdir()} >= {"model.safetensors", "model.json", "report.html", "report.json"}
    photo = sorted((tmp_path / "photos").rglob("*.png"))[0]
    assert "%" in invoke("predict", run, photo)
    assert "accuracy" in invoke("evaluate", run)


def test_a_run_remembers_that_all_of_its_file_runs(tmp_path):
    (tmp_path / "classes.txt").write_text("10")
    (tmp_path / "color.py").write_text(NEEDS_IMPORT.replace("nn.Conv2d(1", "nn.Conv2d(3"))
    with pytest.raises(ConvwrightError, match=r"Net is not defined.*--import"):
        transfer("--strategy", "ridge")
    transfer("--strategy", "ridge", "--import", "--run", "run")
    assert json.loads((tmp_path / "run/model.json").read_text())["run_all"]
    assert json.loads((tmp_path / "run/report.json").read_text())["result"]["backbone"]["run_all"]
    assert "accuracy" in invoke("evaluate", "run")


def test_options_come_to_what_they_are_for(tmp_path):
    transfer("--strategy", "finetune", "--lr-decay", 0.5, "--unfrozen-by", 0.5, "--learning-curve", "--run", "own")
    result = json.loads((tmp_path / "own/report.json").read_text())["result"]
    assert (result["tuning"]["lr_decay"], result["tuning"]["unfrozen_by"]) == (0.5, 0.5)
    assert len({row["share"] for row in result["rows"]}) == 4
    assert (tmp_path / "own/learning_curve.png").exists()


def test_weights_are_those_that_belong_to_a_network():
    assert verb._own_weights("efficientnet_lite0") == "package"
    assert verb._own_weights("timm:resnet18") == "timm"
    assert verb._own_weights("torchvision:resnet50") == "torchvision"
    assert verb._own_weights("resnet20") == ""
    assert verb._own_weights("net.py:Net") == ""


def test_a_corrupt_image_is_named_or_left_out(tmp_path):
    broken = sorted((tmp_path / "photos").rglob("*.png"))[0]
    broken.write_bytes(broken.read_bytes()[:40])
    with pytest.raises(ConvwrightError, match=broken.name):
        transfer("--strategy", "ridge")
    assert "left out" in transfer("--strategy", "ridge", "--skip-corrupt")


def test_an_interruption_says_how_to_go_on(monkeypatch):
    def interrupted(*_given, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("convwright.transfer_learning.transfer", interrupted)
    found = CliRunner().invoke(app, ["transfer", "--data", "photos", *NET, "--strategy", "ridge"])
    assert found.exit_code == 130
    assert "the same command goes on from there" in found.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--data", "nowhere", *NET), "nowhere"),
        (("--data", "photos", "--model", "resnet2"), "resnet20"),
        (("--data", "photos", *NET, "--strategy", "finetun"), "finetune"),
        (("--data", "photos", *NET, "--strategy", "finetune", "--freeze", "stem"), "conv"),
        (("--data", "photos", *NET, "--strategy", "ridge@stag1"), "stage"),
        (("--data", "photos", *NET, "--weights", "gone.pth"), "path of a file that exists"),
        (("--data", "photos", *NET, "--recipe", "finetuned"), "finetune"),
    ],
)
def test_a_wrong_request_is_explained(arguments, said):
    with pytest.raises(ConvwrightError, match=said):
        invoke("transfer", *arguments)


def test_nothing_is_computed_before_a_request_is_known_to_be_right(tmp_path):
    with pytest.raises(ConvwrightError, match="stage"):
        transfer("--strategy", "ridge", "--strategy", "finetune", "--freeze", "stem")
    assert not (tmp_path / "runs").exists()
    assert not (tmp_path / "cache").exists()
