"""A run's folder says what it trains."""

import pytest
import torch
from safetensors.torch import save_file

from convwright.errors import ConvwrightError
from convwright.training.run_folder import RunSpec, read_input_spec, read_spec, trained_model


def test_what_is_written_is_read(tmp_path):
    spec = RunSpec(model="net.py:Net", arguments={"width": 0.5}, run_all=True, data="digits", image_size=16, seed=3)
    spec.write(tmp_path / "run")
    assert read_spec(tmp_path / "run") == spec
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["run.json"]


def test_a_run_of_an_earlier_version_is_read(tmp_path):
    (tmp_path / "run.json").write_text('{"model": "resnet20", "arguments": {}, "data": "digits", "seed": 3}')
    assert read_spec(tmp_path) == RunSpec(model="resnet20", data="digits", seed=3)


def test_the_seed_decides_the_first_weights():
    first, again, other = (RunSpec(model="resnet20", data="digits", seed=seed) for seed in (1, 1, 2))
    torch.manual_seed(5)
    before = torch.get_rng_state()
    weights = [next(spec.network(num_classes=10, in_channels=1).module.parameters()) for spec in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"model": "a", "data": "b", "more": 1}'])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ConvwrightError, match=r"run\.json is damaged"):
        read_spec(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConvwrightError, match="choose another --run"):
        RunSpec(model="a", data="b").write(tmp_path / "file" / "run")


def test_weights_of_another_model_are_refused(tmp_path):
    RunSpec(model="resnet20", data="digits").write(tmp_path / "run")
    save_file({"a": torch.zeros(1)}, tmp_path / "run/weights.safetensors")
    with pytest.raises(ConvwrightError, match="does not fit resnet20"):
        trained_model(tmp_path / "run", num_classes=10, in_channels=1)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"data": 1}', '{"data": {"class_names": []}}'])
def test_a_damaged_record_is_named(tmp_path, text):
    save_file({"a": torch.zeros(1)}, tmp_path / "weights.safetensors")
    (tmp_path / "record.json").write_text(text)
    with pytest.raises(ConvwrightError, match=r"record\.json is missing or damaged"):
        read_input_spec(tmp_path)
