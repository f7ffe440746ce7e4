"""Whether a run may go on."""

from dataclasses import asdict, replace

import pytest

from convwright.errors import ConvwrightError
from convwright.training.checkpoint import Checkpoint, newest_checkpoint, write_checkpoint
from convwright.training.precision import Numerics
from convwright.training.resume import CHECKPOINTS, find_start
from reference.tiny_training import tiny_data, tiny_layer_groups, tiny_recipe


@pytest.fixture
def folder(tmp_path):
    numerics = {"precision": "bf16", "channels_last": True, "seconds": None}
    state = {"recipe": tiny_recipe().to_dict(), "data": tiny_data().fingerprint, "numerics": numerics}
    state["progress"] = {"step": 4}
    write_checkpoint(tmp_path / CHECKPOINTS, 4, Checkpoint(tensors={}, state=state))
    return tmp_path


def test_nothing_there_is_a_beginning(tmp_path):
    for resume in (False, True):
        assert find_start(tmp_path, tiny_data(), tiny_recipe(), resume=resume, force=False) is None


def test_the_same_run_goes_on_in_the_numerics_it_had(folder):
    found = find_start(folder, tiny_data(), tiny_recipe(name="other name"), resume=True, force=False)
    assert found.notes == ()
    assert found.numerics(tiny_recipe()) == Numerics(precision="bf16", channels_last=True)
    assert found.numerics(tiny_recipe(precision="auto")) is None


def test_another_run_is_refused_with_all_reasons_and_forced_with_a_note(folder):
    other = replace(tiny_recipe(), seed=5, batch_size=16)
    with pytest.raises(ConvwrightError) as raised:
        find_start(folder, tiny_data(train=56), other, resume=True, force=False)
    for reason in ("batch_size was 8, now 16", "seed was 0, now 5", "the data changed"):
        assert reason in str(raised.value)
    found = find_start(folder, tiny_data(train=56), other, resume=True, force=True)
    assert "forced to go on from step 4 though batch_size was 8, now 16" in found.notes[0]


def test_a_run_is_not_overwritten(folder):
    with pytest.raises(ConvwrightError, match="holds a run already"):
        find_start(folder, tiny_data(), tiny_recipe(), resume=False, force=False)


def test_parts_have_to_be_the_same_and_a_run_without_any_is_one_with_none(folder):
    layer_groups = tiny_layer_groups()
    with pytest.raises(ConvwrightError, match=r"layer_groups.1 was None, now \{'name': 'stem'"):
        find_start(folder, tiny_data(), tiny_recipe(), layer_groups, resume=True, force=True)
    read, _ = newest_checkpoint(folder / CHECKPOINTS)
    state = {**read.state, "layer_groups": [asdict(group) for group in layer_groups]}
    write_checkpoint(folder / CHECKPOINTS, 5, Checkpoint(tensors={}, state=state))
    assert find_start(folder, tiny_data(), tiny_recipe(), layer_groups, resume=True, force=False).notes == ()
    others = *layer_groups[:2], replace(layer_groups[2], lr_factor=2.0)
    with pytest.raises(ConvwrightError, match=r"layer_groups.3.lr_factor was 1.0, now 2.0"):
        find_start(folder, tiny_data(), tiny_recipe(), others, resume=True, force=False)
