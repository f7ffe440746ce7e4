"""What each strategy learns, what it leaves alone, and what it says it cost."""

from dataclasses import replace

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.training import LayerGroupRow
from convwright.training.evaluate import predict
from convwright.transfer_learning.classifier_methods import CLASSIFIERS
from convwright.transfer_learning.pretrained import load_backbone
from convwright.transfer_learning.strategies import STRATEGIES, recipe_for, strategies_of
from reference.tiny_training import tiny_set
from reference.tiny_transfer import tiny_pool, tiny_setting

LAYERS = ["linear-probe", *(name for name, method in CLASSIFIERS.items() if method.is_linear)]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVWRIGHT_CACHE", str(tmp_path))


@pytest.mark.parametrize("name", [*LAYERS, "finetune", "lp-ft"])
def test_the_network_says_what_was_evaluated(name):
    setting = tiny_setting()
    recipe = setting.tuning.recipe
    longer = replace(recipe, epochs=20, clip_norm=1.0)  # the network has no statistics yet that are worth keeping
    setting = replace(setting, tuning=replace(setting.tuning, recipe=longer))
    learned = STRATEGIES[name].learn(setting)
    data = setting.data
    for split, found in learned.predictions.items():
        again = predict(learned.model, getattr(data, split), data)
        torch.testing.assert_close(again.logits, found.logits, rtol=1e-4, atol=1e-4)
    assert list(learned.predictions) == ["train", "validation", "test"]
    assert learned.predictions["test"].evaluation.accuracy > 0.6  # a third by guessing
    assert not learned.model.training


@pytest.mark.parametrize("name", LAYERS)
def test_a_new_head_is_all_that_strategies_on_features_change(name):
    setting = tiny_setting()
    before = {key: value.clone() for key, value in setting.backbone.model.state_dict().items()}
    learned = STRATEGIES[name].learn(setting)
    after = learned.model.state_dict()
    assert {key for key in before if not torch.equal(before[key], after[key])} <= {"7.weight", "7.bias"}
    assert all(torch.equal(value, before[key]) for key, value in setting.backbone.model.state_dict().items())
    assert learned.cost.num_trained == 8 * 3 + 3
    found = setting.features
    assert learned.cost.feature_seconds == found["train"].seconds + found["validation"].seconds


@pytest.mark.parametrize("name", ["knn", "forest"])
def test_what_is_no_layer_is_no_network(name):
    learned = STRATEGIES[name].learn(tiny_setting())
    assert (learned.model, learned.cost.num_trained) == (None, 0)
    assert set(learned.choices) == {CLASSIFIERS[name].parameter, "cross-validated accuracy"}


def test_rates_fall_towards_the_images_and_frozen_stages_stay():
    told = []
    stages = list(tiny_pool().backbone.stages)
    setting = tiny_setting(watch=told.append, lr_decay=0.5, freeze=(stages[0],))
    before = setting.backbone.model.state_dict()
    learned = STRATEGIES["finetune"].learn(setting)
    rows = next(event for event in told if isinstance(event, tuple))
    assert all(isinstance(row, LayerGroupRow) for row in rows)
    assert (learned.layer_groups, [row.name for row in rows]) == (rows, stages)
    assert rows[0].is_frozen
    assert [row.lrs[0] for row in rows[1:]] == pytest.approx([0.05 * 0.5**n for n in reversed(range(len(rows) - 1))])
    after = learned.model.state_dict()
    frozen = [key for key in before if any(f"{key}.".startswith(f"{path}.") for path in rows[0].modules)]
    assert frozen
    assert all(torch.equal(before[key], after[key]) for key in frozen)
    assert learned.cost.num_trained == sum(row.num_trained for row in rows)


def test_the_control_begins_with_fresh_weights_of_the_seed():
    backbone = load_backbone("resnet20", arguments={"width": 0.25})
    pool = replace(tiny_pool(), backbone=backbone)
    first, again, other = (STRATEGIES["scratch"].learn(tiny_setting(seed, pool=pool)) for seed in (1, 1, 2))
    states = [each.model.state_dict() for each in (first, again, other)]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert not torch.equal(states[0]["head.linear.weight"], states[2]["head.linear.weight"])
    assert first.cost.num_trained == sum(weight.numel() for weight in first.model.parameters())
    with pytest.raises(ConvwrightError, match="network from scratch: expected a backbone made by load_backbone"):
        STRATEGIES["scratch"].learn(tiny_setting())


def test_norms_keep_what_belongs_to_weights_and_follow_fresh_ones():
    backbone = load_backbone("resnet20", arguments={"width": 0.25, "norm_momentum": 0.001})
    pool = replace(tiny_pool(), backbone=backbone)
    tuned, control = (STRATEGIES[name].learn(tiny_setting(pool=pool)).model for name in ("finetune", "scratch"))
    came = backbone.model.state_dict()
    kept = [name for name in came if "running" in name]
    assert kept
    assert all(torch.equal(came[name], tuned.state_dict()[name]) for name in kept)
    moved = [(control.state_dict()[name] - came[name]).abs().max() for name in kept]
    assert min(moved) > 0.01  # 0.001 * 8 steps would be less


def test_few_images_are_trained_on_for_as_many_steps():
    whole, few = (recipe_for(tiny_setting(share=share)) for share in (1.0, 0.1))
    assert (whole.steps, whole.batch_size) == (2 * (39 // 8), 8)
    assert (few.steps, few.batch_size) == (whole.steps, 3)
    learned = STRATEGIES["finetune"].learn(tiny_setting(share=0.1))
    assert learned.epochs[-1].step == whole.steps


def test_strategies_by_name_by_group_and_of_a_stage():
    assert list(strategies_of(["all"])) == list(STRATEGIES)
    assert list(strategies_of(["features", "knn"])) == list(CLASSIFIERS)
    (of_stage,) = strategies_of(["ridge@0"]).values()
    assert of_stage.stage == "0"
    pool = tiny_pool(tiny_pool().data, stages=("0",))
    learned = of_stage.learn(tiny_setting(pool=pool))
    assert learned.model is None
    assert learned.predictions["test"].logits.shape == (30, 3)
    for names, wrong in ((["finetun"], "did you mean finetune"), (["finetune@stage1"], "stage"), ([], "at least one")):
        with pytest.raises(ConvwrightError, match=wrong):
            strategies_of(names)


def test_a_class_without_images_is_never_named():
    data = tiny_pool().data
    data = replace(data, class_names=(*data.class_names, "gray"), validation=tiny_set(12, 2))
    learned = STRATEGIES["linear-probe"].learn(tiny_setting(pool=tiny_pool(data)))
    assert learned.predictions["test"].logits.shape == (30, 4)
    assert 3 not in learned.predictions["test"].classes
