"""Every word of a command is looked up."""

import pytest

from convwright.data.sources.find import local_data_names
from convwright.errors import ConvwrightError
from convwright.studio.runs import commands


def test_a_training_is_the_command_one_would_type():
    order = commands.training({"network": "resnet20", "data": "digits", "seed": "7"})
    assert order.name == "runs/resnet20-digits-7"
    assert order.output == "runs/resnet20-digits-7/output.txt"
    assert order.words[:5] == ("train", "--model", "resnet20", "--data", "digits")
    assert "epochs=2" in order.words
    assert order.words[-2:] == ("--run", order.name)


def test_a_run_that_is_there_is_left_alone():
    taken = {"runs/speed_cnn-cifar10-mini-0", "runs/speed_cnn-cifar10-mini-0-2"}
    assert commands.training({}, taken).name == "runs/speed_cnn-cifar10-mini-0-3"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("network", "net.py:Net"),
        ("network", "--resume"),
        ("data", "../photos"),
        ("data", "imagenet-1k"),
        ("recipe", "own.toml"),
        ("unit", "precision"),
        ("length", "0"),
        ("length", "1 --force"),
        ("length", "9" * 30),
        ("length", "²"),
        ("seed", "-1"),
        ("seed", ""),
    ],
)
def test_what_is_not_to_be_chosen_is_refused(field, text, monkeypatch):
    monkeypatch.delenv("CONVWRIGHT_DATA", raising=False)
    with pytest.raises(ConvwrightError, match=field):
        commands.training({field: text})


def test_a_study_needs_images_that_are_here(monkeypatch):
    monkeypatch.delenv("CONVWRIGHT_DATA", raising=False)
    assert local_data_names() == ["cifar10-mini", "digits"]
    order = commands.study({"study": "pooling", "budget": "smoke"})
    assert order.words == ("study", "run", "pooling", "--budget", "smoke")
    assert order.name == "convwright-studies/pooling/smoke"
    for wrong in ({"study": "poolin"}, {"budget": "--ray"}):
        with pytest.raises(ConvwrightError):
            commands.study(wrong)
    with pytest.raises(ConvwrightError, match="pooling at full trains on cifar10: got no such images"):
        commands.study({"budget": "full"})


def test_a_data_set_on_the_disk_can_be_chosen(monkeypatch, tmp_path):
    (tmp_path / "cifar10").mkdir()
    monkeypatch.setenv("CONVWRIGHT_DATA", str(tmp_path))
    assert "cifar10" in commands.choices()["data"]
    assert commands.study({"budget": "full"}).words[-1] == "full"


def test_a_stopped_training_goes_on():
    assert commands.resumed("runs/a", model="resnet20", data="digits").words == ("train", "--resume", "--run=runs/a")
