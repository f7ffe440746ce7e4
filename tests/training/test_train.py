"""Training end to end: it learns, repeats itself, resumes, and says what is wrong."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from torch._dynamo.utils import counters

from convwright.data.augment import Augmentation
from convwright.errors import ConvwrightError
from convwright.training import Recipe, train
from convwright.training.progress import StepReport
from reference import crashes, two_processes
from reference.small_sets import encoded, encoded_set
from reference.tiny_training import tiny_data, tiny_net, tiny_recipe

TESTS = Path(__file__).parents[1]


def weights(net):
    return {name: value.clone() for name, value in net.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def trained(recipe, folder=None, **options):
    net = tiny_net()
    record = train(net, tiny_data(), recipe, folder=folder, device="cpu", **options)
    return weights(net), record


def stop_at(step):
    def watch(report):
        if isinstance(report, StepReport) and report.step == step:
            signal.raise_signal(signal.SIGTERM)

    return watch


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
def test_it_learns(optimizer):
    _, record = trained(tiny_recipe(optimizer, epochs=12))
    losses = [row.train_loss for row in record.epochs]
    assert losses[-1] < losses[0]
    assert record.test.accuracy > 0.8  # guessing has a third
    assert record.epochs[-1].validation_accuracy > 0.5


def test_the_same_seed_gives_the_same_weights_and_leaves_the_global_generator():
    before = torch.random.get_rng_state()
    tiny_net()
    one, _ = trained(tiny_recipe())
    other, _ = trained(tiny_recipe())
    third, _ = trained(tiny_recipe(seed=1))
    assert same(one, other)
    assert not same(one, third)
    torch.random.set_rng_state(before)
    net = tiny_net()
    state = torch.random.get_rng_state()
    train(net, tiny_data(), tiny_recipe(), device="cpu")
    assert torch.equal(state, torch.random.get_rng_state())


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"channels_last": False, "accumulation": 2},
        {"precision": "bf16", "ema": 0.0},
        {"augmentation": Augmentation(flip=True, crop_padding=1, cutout=2, mixup=0.2)},
    ],
)
def test_a_terminated_run_resumes_to_the_same_bits(tmp_path, optimizer, changes):
    recipe = tiny_recipe(optimizer, **changes)
    whole, whole_record = trained(recipe)
    for step in (3, 15):
        with pytest.raises(SystemExit, match="143"):
            trained(recipe, tmp_path, resume=True, watch=stop_at(step))
    resumed, record = trained(recipe, tmp_path, resume=True)
    assert same(whole, resumed)
    assert [row.train_loss for row in record.epochs] == [row.train_loss for row in whole_record.epochs]
    assert record.test.to_dict() == whole_record.test.to_dict()


def test_files_train_to_the_weights_of_memory_and_resume_to_the_same_bits(tmp_path):
    def from_files(folder=None, **options):
        net, memory = tiny_net(), tiny_data()
        splits = {
            name: replace(
                encoded_set([encoded(image.numpy()) for image in getattr(memory, name).images], size=8),
                labels=getattr(memory, name).labels,
            )
            for name in ("train", "validation", "test")
        }
        record = train(net, replace(memory, **splits), recipe, folder=folder, device="cpu", **options)
        return weights(net), record.test.to_dict()

    recipe = tiny_recipe(epochs=2, augmentation=Augmentation(random_resized_crop=0.2, flip=True, mixup=0.2))
    of_memory, record = trained(recipe)
    whole, test = from_files()
    assert same(whole, of_memory)
    assert test == record.test.to_dict()
    with pytest.raises(SystemExit):
        from_files(tmp_path, watch=stop_at(9))  # of six steps an epoch
    resumed, test_again = from_files(tmp_path, resume=True)
    assert same(whole, resumed)
    assert test == test_again


def test_killed_runs_resume_to_the_same_bits(tmp_path):
    command = [sys.executable, crashes.__file__, str(tmp_path), "24"]
    paths = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=True)
    deaths = json.loads(done.stdout)
    assert Counter(death["run"] for death in deaths) == {"sgd": 8, "muon": 8, "layer_groups": 8}
    assert [death for death in deaths if not (death["equal"] and death["same_rows"])] == []
    assert sum(death["checkpoints"] > 0 for death in deaths) >= 5  # most die on the way, not before it


def test_a_folder_holds_the_run(tmp_path):
    net = tiny_net()
    recipe = tiny_recipe()
    record = train(net, tiny_data(), recipe, folder=tmp_path, device="cpu")
    assert {path.name for path in tmp_path.iterdir()} == {
        "recipe.toml", "metrics.csv", "record.json", "weights.safetensors", "checkpoints",
    }  # fmt: skip
    assert Recipe.read(tmp_path / "recipe.toml") == recipe
    assert len((tmp_path / "metrics.csv").read_text().splitlines()) == 1 + 4
    assert json.loads((tmp_path / "record.json").read_text())["test"] == record.test.to_dict()
    with pytest.raises(ConvwrightError, match="holds a run already"):
        train(tiny_net(), tiny_data(), recipe, folder=tmp_path, device="cpu")


def test_a_changed_recipe_or_data_is_refused_unless_forced(tmp_path):
    recipe = tiny_recipe()
    with pytest.raises(SystemExit):
        trained(recipe, tmp_path, watch=stop_at(3))
    changed = replace(recipe, name="renamed", optimizer=replace(recipe.optimizer, lr=0.05))
    with pytest.raises(ConvwrightError, match=r"cannot be resumed: optimizer.lr was 0.1, now 0.05;"):
        trained(changed, tmp_path, resume=True)
    with pytest.raises(ConvwrightError, match="the data changed"):
        train(tiny_net(), tiny_data(train=56), recipe, folder=tmp_path, resume=True, device="cpu")
    _, record = trained(changed, tmp_path, resume=True, force=True)
    assert "forced to go on from step 3 though optimizer.lr was 0.1, now 0.05" in record.notes


def test_another_model_is_refused(tmp_path):
    with pytest.raises(SystemExit):
        trained(tiny_recipe(), tmp_path, watch=stop_at(3))
    other = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    with pytest.raises(ConvwrightError, match="of another model"):
        train(other, tiny_data(), tiny_recipe(), folder=tmp_path, resume=True, force=True, device="cpu")


def test_a_damaged_newest_checkpoint_is_passed_over_to_the_same_weights(tmp_path):
    whole, _ = trained(tiny_recipe())
    with pytest.raises(SystemExit):
        trained(tiny_recipe(), tmp_path, checkpoint_seconds=0.0, watch=stop_at(9))
    newest = sorted((tmp_path / "checkpoints").iterdir())[-1]
    newest.write_bytes(newest.read_bytes()[:-5] + b"wrong")
    resumed, record = trained(tiny_recipe(), tmp_path, resume=True)
    assert same(whole, resumed)
    assert any("is damaged" in note and newest.name in note for note in record.notes)


def test_steps_may_end_within_an_epoch():
    _, record = trained(tiny_recipe(epochs=None, steps=9))  # six steps an epoch
    assert [row.step for row in record.epochs] == [6, 9]


def test_parts_of_a_batch_add_up_to_it():
    def net():
        torch.manual_seed(0)
        return nn.Sequential(nn.Flatten(), nn.Linear(192, 3))

    once, in_micro_batches = net(), net()
    train(once, tiny_data(), tiny_recipe(), device="cpu")
    train(in_micro_batches, tiny_data(), tiny_recipe(accumulation=4), device="cpu")
    torch.testing.assert_close(once.state_dict(), in_micro_batches.state_dict())


def test_a_loss_that_is_not_finite_stops_with_what_is_needed_to_find_out_why(tmp_path):
    class Exploding(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.calls = nn.Linear(192, 3), 0

        def forward(self, x):
            self.calls += self.training
            return self.linear(x.flatten(1)) * (float("nan") if self.calls > 8 else 1.0)

    with pytest.raises(ConvwrightError) as raised:
        train(Exploding(), tiny_data(), tiny_recipe(), folder=tmp_path, device="cpu")
    said = str(raised.value)
    assert "the loss is nan in step 8 (epoch 2, batch 2, fingerprint " in said
    assert "largest gradients: linear.weight nan" in said
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-000000006.safetensors"]


def test_a_first_loss_far_from_guessing_is_noted():
    net = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    nn.init.normal_(net[1].weight, std=10.0)
    record = train(net, tiny_data(), tiny_recipe(epochs=1), device="cpu")
    assert any("where guessing has ln(3) = 1.10" in note for note in record.notes)
    assert trained(tiny_recipe(epochs=1))[1].notes == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"batch_size": 64}, "expected at most the 48 images"),
        ({"precision": "fp16"}, "precision fp16 on a CPU"),
    ],
)
def test_what_cannot_be_is_refused(changes, said):
    with pytest.raises(ConvwrightError) as raised:
        trained(tiny_recipe(**changes))
    assert said in str(raised.value)


def test_an_unknown_device_is_refused():
    with pytest.raises(ConvwrightError, match="unknown device 'gpu'"):
        train(tiny_net(), tiny_data(), tiny_recipe(), device="gpu")


def test_memory_that_runs_out_says_which_parts_to_try():
    class Greedy(nn.Flatten):
        def forward(self, _x):
            raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(ConvwrightError, match="set accumulation=2: the same batch in 2 micro-batches of 4"):
        train(nn.Sequential(Greedy(), nn.Linear(192, 3)), tiny_data(), tiny_recipe(), device="cpu")


@pytest.mark.skipif(not any(map(shutil.which, ("c++", "g++", "clang++"))), reason="compiling needs a C++ compiler")
def test_a_compiled_network_trains_as_it_does_otherwise():
    counters.clear()
    nets = [nn.Sequential(nn.Flatten(), nn.Linear(192, 3)) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    eager, compiled = (
        train(net, tiny_data(), tiny_recipe(epochs=2, compile=made), device="cpu")
        for net, made in zip(nets, (False, True), strict=True)
    )
    assert counters["stats"]["unique_graphs"] == 1  # it was compiled
    torch.testing.assert_close(nets[1].state_dict(), nets[0].state_dict())
    assert compiled.test.to_dict()["loss"] == pytest.approx(eager.test.to_dict()["loss"], rel=1e-4)
    assert compiled.model == eager.model


def test_two_processes_train_as_one_does(tmp_path):
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", two_processes.__file__]
    paths = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *command, str(tmp_path)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    both = json.loads((tmp_path / "2.json").read_text())
    alone = [two_processes.losses(layer_groups=groups)[0] for groups in ((), two_processes.LAYER_GROUPS)]
    torch.testing.assert_close(torch.tensor(both), torch.tensor(alone), rtol=1e-5, atol=1e-6)
    assert alone[0] != alone[1]
    assert len(list((tmp_path / "checkpoints").iterdir())) == 2
