"""What a folder says of its training, from its first moment to its last."""

import json
import time

import pytest

from convwright.errors import ConvwrightError
from convwright.studio.runs.trainings import look_at
from convwright.training import preset
from convwright.training.record import write_metrics
from convwright.training.run_folder import RunSpec
from convwright.training.run_status import writing_run_status
from reference.trainings import epoch, step


def test_a_run_is_followed_through_its_life(tmp_path):
    with pytest.raises(ConvwrightError, match="holds no run"):
        look_at(tmp_path)
    RunSpec(model="resnet20", data="digits", seed=3).write(tmp_path)
    found = look_at(tmp_path)
    assert (found.state, found.done, found.seconds_left, found.accuracy) == ("stopped", 0.0, None, None)
    preset("cifar-fast").write(tmp_path / "recipe.toml")
    with writing_run_status(tmp_path) as watch:
        watch(step(1))
        time.sleep(0.6)
        watch(step(5))
        found = look_at(tmp_path)
        assert found.done == 0.25
        assert found.seconds_left == pytest.approx(found.run_status.seconds * 15 / 4)
        assert found.recipe.name == "cifar-fast"
        assert found.epoch_steps == 10
        write_metrics(tmp_path, [epoch(1, 0.5)])
        assert look_at(tmp_path).accuracy == ("validation, best", 0.5)
        write_metrics(tmp_path, [epoch(1, 0.5), epoch(2, 0.25)])
        assert look_at(tmp_path).accuracy == ("validation, best", 0.5)
    assert look_at(tmp_path).state == "stopped"
    assert look_at(tmp_path).seconds_left is None
    (tmp_path / "weights.safetensors").touch()
    assert look_at(tmp_path).state == "stopped"  # the record comes last
    (tmp_path / "record.json").write_text(json.dumps({"test": {"accuracy": 0.75}}))
    found = look_at(tmp_path)
    assert (found.state, found.done, found.accuracy) == ("finished", 1.0, ("test", 0.75))


def test_a_run_that_failed_says_so(tmp_path):
    RunSpec(model="resnet20", data="digits").write(tmp_path)
    with pytest.raises(ConvwrightError), writing_run_status(tmp_path):
        raise ConvwrightError("the loss is nan")
    assert look_at(tmp_path).state == "failed"


def test_a_run_without_a_status_is_measured_by_its_epochs(tmp_path):
    RunSpec(model="resnet20", data="digits").write(tmp_path)
    preset("cifar-fast").write(tmp_path / "recipe.toml")
    write_metrics(tmp_path, [epoch(1, None), epoch(2, None), epoch(3, None)])
    found = look_at(tmp_path)
    assert found.done == pytest.approx(3 / 30)
    assert found.accuracy is None
    assert "validation_accuracy" not in found.epochs[0]


@pytest.mark.parametrize("name", ["metrics.csv", "recipe.toml", "record.json", "status.json"])
def test_what_is_damaged_is_as_if_it_were_not_there(tmp_path, name):
    RunSpec(model="resnet20", data="digits").write(tmp_path)
    (tmp_path / "weights.safetensors").touch()
    (tmp_path / name).write_text('epoch,step\n1,"one"\n{')
    assert look_at(tmp_path).state == "stopped"
