"""The record and the files of a run."""

import csv
import json

import torch

from convwright.training import train
from convwright.training.record import environment, write_metrics, write_record
from reference.tiny_training import tiny_data, tiny_net, tiny_recipe


def record():
    return train(tiny_net(), tiny_data(), tiny_recipe(), device="cpu")


def test_a_record_says_what_went_in_and_what_came_out(tmp_path):
    made = record()
    write_record(tmp_path, made)
    read = json.loads((tmp_path / "record.json").read_text())
    assert read["data"]["fingerprint"] == tiny_data().fingerprint
    assert read["model"] == {"name": "Sequential", "num_parameters": 216 + 16 + 72 + 27}
    assert read["recipe"]["optimizer"]["lr"] == 0.1
    assert read["numerics"] == {"precision": "fp32", "channels_last": True, "seconds": None}
    assert read["environment"]["torch"] == torch.__version__
    assert len(read["epochs"]) == 4
    low, high = read["test"]["accuracy_interval_95"]
    assert low <= read["test"]["accuracy"] <= high
    assert read["test"]["num_images"] == 30


def test_metrics_are_rows(tmp_path):
    made = record()
    write_metrics(tmp_path, made.epochs)
    with (tmp_path / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3, 4]
    assert [float(row["train_loss"]) for row in rows] == [each.train_loss for each in made.epochs]
    write_metrics(tmp_path, made.epochs[:1])
    assert len((tmp_path / "metrics.csv").read_text().splitlines()) == 2


def test_no_validation_images_leave_its_columns_empty(tmp_path):
    data = tiny_data()
    without = type(data)(**{**vars(data), "validation": data.validation.subset(torch.arange(0))})
    made = train(tiny_net(), without, tiny_recipe(epochs=1), folder=tmp_path, device="cpu")
    assert made.epochs[0].validation_accuracy is None
    assert ",,," in (tmp_path / "metrics.csv").read_text().splitlines()[1]


def test_the_environment_names_versions_and_machine():
    found = environment(torch.device("cpu"), 2)
    assert found["num_processes"] == 2
    assert "threads" in found["machine"]
