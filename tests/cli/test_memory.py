"""Where memory ran out: the hint against what the analyzer says of the batch that it names."""

import re
from dataclasses import replace

import pytest
import torch
from torch import nn

import convwright
from convwright.cli import _memory
from convwright.cli._memory import with_fitting_batch
from convwright.errors import ConvwrightError
from convwright.training import OptimizerRecipe, Recipe
from convwright.training.step import OutOfMemory
from reference.runs import SHORT, invoke, own_folder
from reference.tiny_training import tiny_data, tiny_net

__all__ = ["own_folder"]

RECIPE = Recipe(epochs=1, batch_size=4096)
ERROR = OutOfMemory("out of memory with 4096 images at a time", hint="set accumulation=2")


def hint(monkeypatch, room, recipe=RECIPE, num_devices=1, net=None):
    monkeypatch.setattr(_memory, "_bytes_of", lambda _device: room)
    return with_fitting_batch(ERROR, net or tiny_net(), tiny_data(), recipe, num_devices).hint


def fitting(said):
    return int(re.search(r"about (\d+) would fit", said).group(1))


def needed(batch_size, numbers=1):
    """Bytes of a step with one number of state for each weight, and the images that lie on the device."""
    memory = convwright.analyze(tiny_net(), (batch_size, 3, 8, 8)).memory
    return memory.peak_training_bytes + numbers * memory.gradient_bytes + tiny_data().train.images.nbytes


def test_the_batch_that_fits_is_the_largest_that_does(monkeypatch):
    room = needed(500)
    said = hint(monkeypatch, room)
    assert fitting(said) == pytest.approx(500, rel=0.005)
    assert said.endswith("set accumulation=16, the same batch 256 at a time")
    assert hint(monkeypatch, room, num_devices=2).endswith("set accumulation=8, the same batch 256 at a time")


@pytest.mark.parametrize(
    ("optimizer", "numbers"),
    [
        (OptimizerRecipe(name="adamw"), 2),
        (OptimizerRecipe(name="sgd", momentum=0.0, nesterov=False), 0),
        (OptimizerRecipe(name="muon"), 1),
    ],
)
def test_the_state_of_the_optimizer_counts(monkeypatch, optimizer, numbers):
    recipe = replace(RECIPE, optimizer=optimizer)
    assert fitting(hint(monkeypatch, needed(500, numbers), recipe)) == pytest.approx(500, rel=0.005)
    weights = convwright.analyze(tiny_net(), (1, 3, 8, 8)).memory.weight_bytes
    averaged = replace(recipe, ema=0.9)
    assert fitting(hint(monkeypatch, needed(500, numbers) + weights, averaged)) == pytest.approx(500, rel=0.005)


def test_what_the_model_of_memory_does_not_explain_is_said(monkeypatch):
    assert "not one image fits into the 1000 B here" in hint(monkeypatch, 1000)
    assert hint(monkeypatch, 10**12).endswith("so something else needs memory; set accumulation=2")

    class Untraceable(nn.Linear):
        def forward(self, _x):
            raise ValueError("no")

    assert hint(monkeypatch, 10**9, net=Untraceable(1, 1)) == "set accumulation=2"


def test_this_machine_has_memory():
    assert 2**28 < _memory._bytes_of(torch.device("cpu")) < 2**50


def test_a_training_that_runs_out_says_so(tmp_path, monkeypatch):
    (tmp_path / "net.py").write_text(
        "import torch\nfrom torch import nn\n"
        "class Net(nn.Linear):\n"
        "    def __init__(self):\n"
        "        super().__init__(64, 10)\n"
        "        self.calls = 0\n"
        "    def forward(self, x):\n"
        "        self.calls += 1\n"
        "        if self.calls == 3: raise torch.OutOfMemoryError('CUDA out of memory.')\n"
        "        return super().forward(x.flatten(1))\n"
    )
    monkeypatch.setattr(_memory, "_bytes_of", lambda _device: 410_000)
    with pytest.raises(
        ConvwrightError, match=r"200 images at a time; by the analyzer about \d+ would .* accumulation="
    ):
        invoke("train", "--model", "net.py:Net", "--data", "digits", *SHORT)
