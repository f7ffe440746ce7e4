"""What several verbs share: models by name, shapes, files written whole or not at all."""

import pytest
import torch
import typer

from convwright.cli._arguments import resolve, shapes, stoppable, write
from convwright.errors import ConvwrightError


def test_a_zoo_model_holds_weights_only_where_it_computes():
    assert next(resolve("resnet20", None).module.parameters()).device == torch.device("meta")
    assert next(resolve("resnet20", None, computes=True).module.parameters()).device == torch.device("cpu")
    assert not resolve("resnet20", None).module.training


def test_arguments_reach_the_factory():
    assert resolve("resnet20", ["num_classes=7"]).module.config.num_classes == 7


def test_inputs_are_as_given_or_the_models_own():
    network = resolve("resnet20", None)
    assert shapes(network, None) == [(1, 3, 32, 32)]
    assert shapes(network, ["3x64x48", "2x3x8x8"]) == [(1, 3, 64, 48), (2, 3, 8, 8)]


def test_an_input_that_is_assumed_is_said(capsys):
    network = resolve("torch.nn:Identity", None)
    assert shapes(network, ["3x8x8"]) == [(1, 3, 8, 8)]
    assert capsys.readouterr().err == ""
    assert shapes(network, None) == [(1, 3, 224, 224)]
    assert capsys.readouterr().err == "assumed: input 1x3x224x224: nothing says otherwise\n"


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch, capsys):
    path = tmp_path / "report.txt"
    write("old", path)

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(ConvwrightError, match="No space left on device"):
        write("new", path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.txt"]
    assert "wrote" in capsys.readouterr().out


def test_ctrl_c_says_how_to_go_on(capsys):
    with pytest.raises(typer.Exit) as ended, stoppable("the same command goes on"):
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130
    assert capsys.readouterr().err == "\nstopped; the same command goes on\n"
