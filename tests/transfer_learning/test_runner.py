"""The whole of a transfer: pairs of seeds, what is written, what is refused, and going on after an interruption."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch import nn

import convwright
from convwright.errors import ConvwrightError
from convwright.preprocessing import Preprocessing
from convwright.training import LayerGroupRow
from convwright.training.progress import StepReport
from convwright.transfer_learning import load_backbone, read_artifact
from convwright.transfer_learning.outcome import Outcome
from convwright.transfer_learning.runner import FeatureProgress, StartedRun, transfer
from reference import killed_transfer
from reference.small_sets import pixels, write_folders
from reference.tiny_training import tiny_data, tiny_net, tiny_set
from reference.tiny_transfer import tiny_pool, tiny_tuning


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path / "cache"))


def run(**changes):
    pool = tiny_pool()
    given = {"strategies": ["linear-probe", "finetune"], "seeds": 2, "tuning": tiny_tuning(), "device": "cpu"}
    return transfer(pool.backbone, pool.data, **given | changes)


def test_every_strategy_gets_the_same_images_and_everything_is_told():
    told = []
    result = run(shares=(0.5, 1.0), watch=told.append)
    outcomes = [event for event in told if isinstance(event, Outcome)]
    assert outcomes == list(result.outcomes)
    assert [event.place for event in told if isinstance(event, StartedRun)] == list(range(1, 9))
    assert max(event.done for event in told if isinstance(event, FeatureProgress)) == 48
    assert any(isinstance(event, tuple) and isinstance(event[0], LayerGroupRow) for event in told)
    for seed in (0, 1):
        own = [each for each in outcomes if each.seed == seed]
        assert len({each.validated for each in own}) == 1
        assert len({(each.share, each.num_images) for each in own}) == 2
    assert [(row.strategy, row.share) for row in result.rows[:2]] == [("linear-probe", 1.0), ("finetune", 1.0)]
    assert result.shipped.seed == 0
    assert json.loads(json.dumps(result.to_dict()))["recommendation"]["strategy"] == result.recommendation.strategy


def test_the_same_arguments_give_the_same_result():
    first, again = run(), run()
    for one, two in zip(first.outcomes, again.outcomes, strict=True):
        assert torch.equal(one.result.predictions["test"].logits, two.result.predictions["test"].logits)


def test_the_recommended_network_is_written_and_trainings_are_not_kept(tmp_path):
    backbone = replace(tiny_pool().backbone, name=None)
    assert transfer(backbone, tiny_pool().data, strategies=["ridge"], seeds=1, folder=tmp_path / "none").card is None
    images = tmp_path / "photos"
    write_folders(images, pixels(40, height=40, width=36))
    factory = tmp_path / "net.py"
    factory.write_text(
        "from torch import nn\n\n\ndef net():\n    layers = nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1)\n"
        "    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4, 7))\n"
    )
    weights = tmp_path / "net.pth"
    layers = nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 7)
    torch.save(nn.Sequential(*layers).state_dict(), weights)
    folder = tmp_path / "run"
    result = transfer(
        load_backbone(f"{factory}:net", weights=str(weights)), images, seeds=1,
        strategies=["linear-probe", "finetune", "scratch"], tuning=tiny_tuning(), folder=folder, device="cpu",
    )  # fmt: skip
    assert {each.name for each in folder.iterdir()} == {"model.json", "model.safetensors"}
    model, card = read_artifact(folder)
    assert card.class_names == result.data.class_names == ("cat", "dog")
    assert card.preprocessing == Preprocessing(resize_px=224, crop_px=224)
    x = torch.rand(2, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(model(x), result.model(x))


def test_a_transfer_that_was_stopped_goes_on_where_it_was(tmp_path):
    whole = run(strategies=["finetune"])

    def stop(event):
        if isinstance(event, StartedRun) and event.place == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(strategies=["finetune"], folder=tmp_path, watch=stop)
    (trainings,) = tmp_path.glob("trainings-*")
    assert [each.name for each in trainings.iterdir()] == ["finetune-1-0"]
    steps = []
    again = run(strategies=["finetune"], folder=tmp_path, watch=lambda event: steps.append(type(event).__name__))
    per_run = whole.outcomes[0].result.epochs[-1].step
    assert steps.count("StepReport") == per_run  # of the second seed alone
    for one, two in zip(whole.outcomes, again.outcomes, strict=True):
        assert torch.equal(one.result.predictions["test"].logits, two.result.predictions["test"].logits)
    assert not list(tmp_path.glob("trainings-*"))


def test_a_transfer_that_was_killed_ends_as_one_that_was_not(tmp_path):
    command = [sys.executable, killed_transfer.__file__, str(tmp_path)]
    alike = {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": str(torch.get_num_threads())}
    assert subprocess.run(command, env=os.environ | alike, check=False).returncode == -signal.SIGKILL
    (trainings,) = tmp_path.glob("trainings-*")
    assert sorted(each.name for each in trainings.iterdir()) == ["finetune-1-0", "finetune-1-1"]
    begun = []
    again = killed_transfer.carried_out(tmp_path, begun.append)
    assert sum(isinstance(event, StepReport) for event in begun) <= again.outcomes[1].result.epochs[-1].step
    for one, two in zip(killed_transfer.carried_out().outcomes, again.outcomes, strict=True):
        for name, weight in one.result.model.state_dict().items():
            assert torch.equal(weight, two.result.model.state_dict()[name]), name


def test_what_a_reader_should_know_is_noted():
    data = tiny_pool().data
    few = torch.tensor([place for place in range(48) if place % 3 or place < 3])
    images = data.train.images.clone()
    images[1] = data.test.images[4]
    train = replace(data.train, images=images).subset(few)
    net = convwright.build("resnet20", width=0.25, num_classes=3)
    notes = transfer(net, replace(data, train=train, note="made up"), strategies=["ridge"], seeds=1).notes
    assert notes[0] == "made up"
    assert notes[1] == "16 images of green, 1 of red: look at macro-F1 beside accuracy"
    assert notes[2].startswith("1 of 30 test images are training images too")


def test_wrong_words_are_refused_before_anything_is_done():
    data, net = tiny_data(), tiny_net()
    one_class = replace(data, train=replace(tiny_set(9, 1), labels=torch.zeros(9, dtype=torch.int64)))
    backbone = tiny_pool().backbone
    for arguments, wrong in (
        ((net, "no-such-set"), "data set"),
        ((backbone, one_class), "training images of tiny: expected of at least 2 classes, got of 1"),
    ):
        with pytest.raises(ConvwrightError, match=wrong):
            transfer(*arguments, strategies=["ridge"])
    for changes, wrong in (
        ({"shares": (0.5,)}, "shares: expected from above 0 to 1, and 1 among them, got 0.5"),
        ({"shares": (0.0, 1.0)}, "shares"),
        ({"seeds": 0}, "seeds"),
        ({"strategies": ["magic"]}, "strategy"),
    ):
        with pytest.raises(ConvwrightError, match=wrong):
            run(**changes)
