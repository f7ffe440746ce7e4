"""Loggers: what they are told. TensorBoard is read back; the other clients are replaced by ones that take notes."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from convwright.errors import ConvwrightError
from convwright.training import loggers as module
from convwright.training import logging_to, train
from reference.tiny_training import tiny_data, tiny_net, tiny_recipe

RECIPE = tiny_recipe(epochs=2)


@pytest.fixture
def calls(monkeypatch):
    """What clients are called with: (function, arguments by name)."""
    noted = []

    def note(name, returned=None):
        return lambda *args, **options: noted.append((name, args, options)) or returned

    mlflow, wandb = ModuleType("mlflow"), ModuleType("wandb")
    mlflow.start_run = note("start_run", SimpleNamespace(info=SimpleNamespace(run_id="m1")))
    mlflow.log_params, mlflow.log_metrics, mlflow.end_run = note("log_params"), note("log_metrics"), note("end_run")
    wandb.init = note("init", SimpleNamespace(id="w1", log=note("log"), finish=note("finish")))
    for fake in (mlflow, wandb):
        monkeypatch.setitem(sys.modules, fake.__name__, fake)
    monkeypatch.setattr(module, "find_spec", lambda name: name)
    return noted


def trained(folder, names):
    with logging_to(names, title="tiny", folder=folder, recipe=RECIPE) as log:
        return train(tiny_net(), tiny_data(), RECIPE, folder=folder, device="cpu", watch=log)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what TensorBoard imports
def test_tensorboard_has_the_rows_of_the_record(tmp_path):
    record = trained(tmp_path, ["tensorboard", "tensorboard"])
    found = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    names = {"epoch", "lr", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"}
    assert set(found.Tags()["scalars"]) == names | {"seconds", "images_per_second"}
    losses = [(event.step, pytest.approx(event.value)) for event in found.Scalars("train_loss")]
    assert losses == [(row.step, row.train_loss) for row in record.epochs]
    (text,) = found.Tensors("recipe/text_summary")
    assert b"label_smoothing = 0.1" in text.tensor_proto.string_val[0]


def test_mlflow_is_told_and_goes_on_with_the_run_that_it_knows(tmp_path, calls):
    record = trained(tmp_path, ["mlflow"])
    assert [name for name, _, _ in calls] == ["start_run", "log_params", "log_metrics", "log_metrics", "end_run"]
    assert calls[0][2] == {"run_id": None, "run_name": "tiny"}
    assert calls[1][1][0]["optimizer.lr"] == 0.1
    assert calls[1][1][0]["batch_size"] == 8
    assert calls[2][1][0]["train_loss"] == record.epochs[0].train_loss
    assert calls[2][2] == {"step": 6}
    assert calls[4][1] == ("FINISHED",)
    calls.clear()
    with logging_to(["mlflow"], title="tiny", folder=tmp_path, recipe=RECIPE) as log:
        log(record.epochs[1])
    assert [name for name, _, _ in calls] == ["start_run", "log_metrics", "end_run"]
    assert calls[0][2]["run_id"] == "m1"


def test_wandb_is_told_and_learns_how_it_ended(tmp_path, calls):
    record = trained(tmp_path, ["wandb"])
    assert [name for name, _, _ in calls] == ["init", "log", "log", "finish"]
    assert calls[0][2] == {
        "name": "tiny", "id": None, "resume": "allow", "config": RECIPE.to_dict(), "dir": str(tmp_path),
    }  # fmt: skip
    assert calls[3][2] == {"exit_code": 0}

    def killed():
        with logging_to(["wandb"], title="tiny", folder=tmp_path, recipe=RECIPE) as log:
            log(record.epochs[1])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert calls[4][2]["id"] == "w1"
    assert calls[-1][2] == {"exit_code": 1}


def test_a_logger_that_cannot_be_opened_stops_at_the_first_step(tmp_path, calls, monkeypatch):
    def away(**_options):
        raise OSError("no server at localhost:5000\nand much more")

    monkeypatch.setattr(sys.modules["mlflow"], "start_run", away)
    with pytest.raises(ConvwrightError, match=r"mlflow cannot be opened \(no server at localhost:5000\); set it up"):
        trained(tmp_path, ["wandb", "mlflow"])
    assert not (tmp_path / "metrics.csv").exists()
    assert calls[-1][0] == "finish"


def test_a_server_that_goes_away_does_not_end_a_training(tmp_path, calls, monkeypatch):
    def away(*_args, **_options):
        raise OSError("timed out")

    monkeypatch.setattr(sys.modules["mlflow"], "log_metrics", away)
    with pytest.warns(UserWarning, match=r"mlflow did not take step \d+ \(timed out\); metrics.csv has it"):
        record = trained(tmp_path, ["mlflow"])
    assert len(record.epochs) == 2
    assert calls[-1][0] == "end_run"


def test_nothing_is_opened_by_processes_that_are_not_told(tmp_path, calls):
    with logging_to(["mlflow", "wandb"], title="tiny", folder=tmp_path, recipe=RECIPE):
        pass
    assert calls == []
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    options = {"title": "tiny", "folder": tmp_path, "recipe": RECIPE}
    for name in ("tensorboard", "mlflow", "wandb"):
        with pytest.raises(ConvwrightError, match=f"got no such package installed; pip install {name}"):
            logging_to([name], **options).__enter__()
    with pytest.raises(ConvwrightError, match=r"unknown logger 'tensorbord'.*did you mean tensorboard"):
        logging_to(["tensorbord"], **options).__enter__()
