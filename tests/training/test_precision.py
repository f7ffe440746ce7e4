"""The choice of precision: what is measured, what is taken, what is remembered."""

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.training import precision
from convwright.training.precision import Numerics, choose_numerics, machine
from convwright.training.recipe import Recipe
from reference.tiny_training import tiny_net

CPU = torch.device("cpu")
AUTO = Recipe(epochs=1, batch_size=4)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path))


@pytest.mark.parametrize(
    ("seconds", "chosen"),
    [
        ((3.0, 2.0, 1.0), ("bf16", True)),
        ((3.0, 1.0, 2.0), ("fp32", True)),
        ((1.0, 2.0, 3.0), ("fp32", False)),
        ((1.0, 2.0, 0.97), ("fp32", False)),  # not worth it
        ((1.0, 2.0, None), ("fp32", False)),  # a device without bf16
    ],
)
def test_the_fastest_is_taken_where_it_is_worth_it(monkeypatch, seconds, chosen):
    names = ("fp32", "fp32 channels_last", "bf16 channels_last")
    measured = {name: value for name, value in zip(names, seconds, strict=True) if value}
    monkeypatch.setattr(precision, "_measure", lambda *_: measured)
    found = choose_numerics(tiny_net(), AUTO, (3, 8, 8), CPU)
    assert (found.precision, found.channels_last) == chosen
    assert found.seconds == measured


def test_it_measures_once_for_a_model_and_batch_and_changes_nothing(monkeypatch):
    net = tiny_net()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    first = choose_numerics(net, AUTO, (3, 8, 8), CPU)
    assert set(first.seconds) == {"fp32", "fp32 channels_last", "bf16 channels_last"}
    assert all(0 < value < 60 for value in first.seconds.values())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    calls = []
    monkeypatch.setattr(precision, "_measure", lambda *_: calls.append(1) or {"fp32": 1.0})
    assert choose_numerics(tiny_net(), AUTO, (3, 8, 8), CPU) == first
    assert calls == []
    choose_numerics(tiny_net(), AUTO, (3, 16, 16), CPU)
    choose_numerics(tiny_net(), Recipe(epochs=1, batch_size=2), (3, 8, 8), CPU)
    choose_numerics(tiny_net().append(torch.nn.ReLU()), AUTO, (3, 8, 8), CPU)
    assert len(calls) == 3


def test_a_cache_that_cannot_be_read_is_measured_anew(tmp_path):
    choose_numerics(tiny_net(), AUTO, (3, 8, 8), CPU)
    (kept,) = (tmp_path / "precision").iterdir()
    kept.write_text("{")
    assert choose_numerics(tiny_net(), AUTO, (3, 8, 8), CPU).seconds


def test_what_is_asked_for_is_taken_and_fp16_refused_on_a_cpu():
    asked = Recipe(epochs=1, precision="bf16", channels_last=False)
    assert choose_numerics(tiny_net(), asked, (3, 8, 8), CPU) == Numerics(precision="bf16", channels_last=False)
    with pytest.raises(ConvwrightError, match="expected fp32 or bf16"):
        choose_numerics(tiny_net(), Recipe(epochs=1, precision="fp16"), (3, 8, 8), CPU)


def test_the_machine_has_a_name():
    assert machine(CPU).endswith(" threads")
