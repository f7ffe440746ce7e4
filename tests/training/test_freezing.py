"""Frozen layer groups: the same to the last bit whatever is done around them, and an error where they are not."""

import json
import signal
from dataclasses import replace

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn
from torch.nn import functional as F

from convwright.errors import ConvwrightError
from convwright.training import OptimizerRecipe, train
from convwright.training.checkpoint import Checkpoint, newest_checkpoint, write_checkpoint
from convwright.training.freezing import Freezing
from convwright.training.layer_groups import LayerGroup
from convwright.training.optimizers import make_optimizer
from convwright.training.progress import StepReport
from convwright.training.resume import CHECKPOINTS
from convwright.training.state import bytes_of
from convwright.training.step import Stepper
from reference.tiny_training import tiny_data, tiny_layer_groups, tiny_net, tiny_recipe

STEM, MIDDLE, HEAD = ("0.", "1."), ("3.",), ("7.",)
START = 12  # of `tiny_layer_groups`' middle, in 4 epochs of 6 steps


def bits(net, prefixes):
    return {name: bytes(bytes_of(value)) for name, value in net.state_dict().items() if name.startswith(prefixes)}


def trained(net, recipe, layer_groups=None, **options):
    return train(
        net,
        tiny_data(),
        recipe,
        device="cpu",
        layer_groups=tiny_layer_groups() if layer_groups is None else layer_groups,
        **options,
    )


def stop_at(step):
    def watch(report):
        if isinstance(report, StepReport) and report.step == step:
            signal.raise_signal(signal.SIGTERM)

    return watch


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
@pytest.mark.parametrize("changes", [{}, {"ema": 0.0, "accumulation": 2, "precision": "bf16"}])
def test_frozen_is_the_same_to_the_last_bit_and_the_rest_learns_when_it_may(optimizer, changes):
    net, seen = tiny_net(), {}
    net[0].weight.data[0, 0] = -0.0  # equal to 0.0, but other bits
    before = bits(net, STEM + MIDDLE + HEAD)

    def watch(report):
        net.train()  # as a careless onlooker might
        if isinstance(report, StepReport):
            seen[report.step] = bits(net, MIDDLE), bits(net, HEAD)

    trained(net, tiny_recipe(optimizer, **changes), watch=watch)
    after = bits(net, STEM + MIDDLE + HEAD)
    assert {name for name in before if after[name] != before[name]} == {"3.weight", "3.bias", "7.weight", "7.bias"}
    middle = {step for step, (weights, _) in seen.items() if weights == bits(tiny_net(), MIDDLE)}
    assert middle == set(range(1, START + 1))
    assert len({weights["7.weight"] for _, weights in seen.values()}) == 24  # in every step


@pytest.mark.parametrize("changes", [{}, {"ema": 0.0, "precision": "bf16"}])
def test_norms_that_keep_their_statistics_learn_all_the_same(changes):
    net = tiny_net()
    net[1].running_mean += 0.5
    layer_groups = (replace(tiny_layer_groups()[0], starts=0.25, keeps_statistics=True), *tiny_layer_groups()[1:])
    before, modes = bits(net, STEM), set()
    record = trained(
        net, tiny_recipe(**changes), layer_groups, watch=lambda _report: modes.add((net[0].training, net[1].training))
    )
    after = bits(net, STEM)
    assert {name for name in before if after[name] != before[name]} == {"0.weight", "1.weight", "1.bias"}
    assert modes == {(False, False), (True, False)}
    assert record.layer_groups[0].norm_mode == "eval"


def test_statistics_that_move_all_the_same_are_named():
    net = tiny_net()
    freezing = Freezing(net, [LayerGroup(name="all", modules=("",), keeps_statistics=True)], num_steps=4)
    freezing.apply(0)
    net[0].weight.data += 1
    freezing.after(0)
    net[1].running_var += 1
    with pytest.raises(ConvwrightError, match=r"1.running_var of the frozen layer group 'all' moved"):
        freezing.check(3)
    freezing.leave()
    assert net[1].training


def test_steps_are_those_one_would_write():
    recipe = replace(tiny_recipe(ema=0.0, clip_norm=0.0), optimizer=OptimizerRecipe(lr=0.2, weight_decay=0.1))
    ours, plain = tiny_net(), tiny_net()
    for net in (ours, plain):
        net[4].p = 0.0
    optimizer = make_optimizer(ours, recipe.optimizer, tiny_layer_groups())
    fabric = Fabric(accelerator="cpu", devices=1)
    stepper = Stepper(fabric, ours, optimizer, recipe, num_steps=6, num_classes=3, layer_groups=tiny_layer_groups())
    decayed = [{"params": [plain[3].weight], "lr": 0.1}, {"params": [plain[7].weight], "lr": 0.2}]
    others = [{"params": [plain[3].bias], "lr": 0.1}, {"params": [plain[7].bias], "lr": 0.2}]
    groups = [each | {"weight_decay": 0.1} for each in decayed] + others
    hand = torch.optim.SGD(groups, momentum=0.9, nesterov=True)
    rates = [group["lr"] for group in hand.param_groups]
    plain[:2].requires_grad_(False).eval()
    for step in range(6):
        plain[3].requires_grad_(step >= 3)
        x, target = torch.randn(8, 3, 8, 8, generator=torch.Generator().manual_seed(step)), torch.arange(8) % 3
        stepper.gradients(x, target, step)
        factor = stepper.update(step)
        hand.zero_grad()
        F.cross_entropy(plain(x), target, label_smoothing=0.1).backward()
        for group, rate in zip(hand.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        hand.step()
        torch.testing.assert_close(ours.state_dict(), plain.state_dict())


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
def test_a_terminated_run_resumes_to_the_same_bits_before_and_after_the_thaw(tmp_path, optimizer):
    whole, resumed = tiny_net(), tiny_net()
    trained(whole, tiny_recipe(optimizer))
    for step in (3, START - 1, START, START + 1):
        with pytest.raises(SystemExit, match="143"):
            trained(tiny_net(), tiny_recipe(optimizer), folder=tmp_path, resume=True, watch=stop_at(step))
    trained(resumed, tiny_recipe(optimizer), folder=tmp_path, resume=True)
    assert bits(resumed, "") == bits(whole, "")


def test_a_frozen_weight_that_moved_before_the_run_was_resumed_is_found(tmp_path):
    with pytest.raises(SystemExit):
        trained(tiny_net(), tiny_recipe(), folder=tmp_path, watch=stop_at(3))
    found, _ = newest_checkpoint(tmp_path / CHECKPOINTS)
    moved = {**found.tensors, "model.0.weight": found.tensors["model.0.weight"] + 1}
    write_checkpoint(tmp_path / CHECKPOINTS, 4, Checkpoint(tensors=moved, state=found.state))
    with pytest.raises(ConvwrightError, match=r"0.weight of the frozen layer group 'stem' moved by step 3"):
        trained(tiny_net(), tiny_recipe(), folder=tmp_path, resume=True)


def test_what_moves_all_the_same_is_named():
    class Counting(nn.BatchNorm2d):
        def forward(self, x):
            with torch.no_grad():
                self.running_var += 1e-3
            return super().forward(x)

    net = tiny_net()
    net[1] = Counting(8)
    with pytest.raises(
        ConvwrightError, match=r"1.running_var of the frozen layer group 'stem' moved by step 0; does its"
    ):
        trained(net, tiny_recipe())
    net = tiny_net()

    def meddling(report):  # in the last step but one: found at the end
        if isinstance(report, StepReport) and report.step == 23:
            net[0].weight.data[0, 0, 0, 0] += 1

    with pytest.raises(ConvwrightError, match=r"0.weight of the frozen layer group 'stem' moved by step 23"):
        trained(net, tiny_recipe(ema=0.0), watch=meddling)


def test_a_thaw_is_preceded_by_a_check_and_a_resumed_run_goes_by_what_was_written():
    net = tiny_net()
    freezing = Freezing(net, tiny_layer_groups(), num_steps=4)
    written = freezing.digests(0)
    assert set(written) == set(bits(net, STEM + MIDDLE))
    freezing.after(0)
    net[3].bias.data += 1
    with pytest.raises(ConvwrightError, match=r"3.bias of the frozen layer group 'middle' moved by step 1"):
        freezing.after(1)  # it learns in step 2
    assert set(freezing.digests(2)) == set(freezing.digests(4)) == set(bits(net, STEM))
    again = Freezing(net, tiny_layer_groups(), num_steps=4)
    again.check(0)  # it never saw another bias
    again.expect(written)
    with pytest.raises(ConvwrightError, match=r"3.bias"):
        again.check(0)
    again.expect({})
    again.check(0)


def test_afterwards_everything_is_as_it_was_but_for_what_the_caller_froze():
    net = tiny_net()
    net[7].bias.requires_grad_(False)
    before = bits(net, "7.bias")
    trained(net, tiny_recipe(epochs=1))
    assert bits(net, "7.bias") == before
    assert [name for name, weight in net.named_parameters() if not weight.requires_grad] == ["7.bias"]
    assert all(layer.training for layer in net.modules())
    with pytest.raises(ConvwrightError, match="output of the network"):
        trained(
            net.append(nn.Linear(3, 4)), tiny_recipe(), [*tiny_layer_groups(), LayerGroup(name="wide", modules=("8",))]
        )
    assert net[0].weight.requires_grad


def test_measuring_the_precision_moves_nothing_frozen(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path))
    net = tiny_net()
    before = bits(net, STEM)
    record = trained(net, tiny_recipe(epochs=1, precision="auto"))
    assert record.numerics.seconds
    assert bits(net, STEM) == before


def test_the_record_says_the_layer_groups(tmp_path):
    record = trained(tiny_net(), tiny_recipe(epochs=1), folder=tmp_path)
    rows = json.loads((tmp_path / "record.json").read_text())["layer_groups"]
    assert [(row["name"], row["modules"], row["lrs"]) for row in rows] == [
        ("stem", ["0", "1"], []), ("middle", ["3"], [0.05]), ("head", ["4", "7"], [0.1]),
    ]  # fmt: skip
    assert [row.num_trained for row in record.layer_groups] == [row["num_trained"] for row in rows] == [0, 72, 27]
    assert trained(tiny_net(), tiny_recipe(epochs=1), layer_groups=()).layer_groups == ()


def test_one_layer_group_of_everything_is_training_as_ever():
    ours, plain = tiny_net(), tiny_net()
    trained(ours, tiny_recipe(), [LayerGroup(name="all", modules=("",))])
    trained(plain, tiny_recipe(), ())
    assert bits(ours, "") == bits(plain, "")


def test_other_parts_are_refused_though_forced(tmp_path):
    trained(tiny_net(), tiny_recipe(epochs=1), folder=tmp_path)
    stem, middle, head = tiny_layer_groups()
    others = {
        "layer_groups.2.starts was 0.5, now 0.25": (stem, replace(middle, starts=0.25), head),
        "layer_groups.1.name was stem, now middle": (middle, stem, head),
        "layer_groups.1 was {": (),
    }
    for said, layer_groups in others.items():
        with pytest.raises(ConvwrightError) as raised:
            trained(tiny_net(), tiny_recipe(epochs=1), layer_groups, folder=tmp_path, resume=True, force=True)
        assert said in str(raised.value)
