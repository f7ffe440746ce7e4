"""Which runs a study is, and that only what changed is run again."""

from dataclasses import replace

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.studies import Budget, Measure, make_plan
from convwright.studies.plan import load_part
from reference.tiny_study import STUDY, arm, small_data, with_arm
from reference.tiny_training import tiny_data


def plan(study=STUDY, **asked):
    return make_plan(study, budget="smoke", **asked)


def by_run(made):
    return {(job.arm.name, job.seed): job.fingerprint for job in made.jobs}


def test_all_arms_of_a_seed_come_before_the_next():
    made = plan()
    assert [(job.arm.name, job.seed) for job in made.jobs] == [("max", 0), ("average", 0), ("max", 1), ("average", 1)]
    assert len(set(made.fingerprints)) == 4
    assert {job.recipe.seed for job in made.jobs if job.seed == 1} == {1}
    assert made.changed == ()


def test_the_same_plan_has_the_same_fingerprints():
    assert plan().fingerprints == plan().fingerprints


def test_a_changed_arm_changes_only_itself():
    study = replace(STUDY, hold_equal={})
    before, after = by_run(plan(study)), by_run(plan(with_arm(study, arm("average", pool="average", width=9))))
    assert {run for run in before if before[run] != after[run]} == {("average", 0), ("average", 1)}


def test_words_change_nothing():
    told = replace(STUDY, question="Really?", arms=tuple(replace(each, claim="new words") for each in STUDY.arms))
    assert plan(told).fingerprints == plan().fingerprints


@pytest.mark.parametrize(
    "other",
    [
        replace(STUDY, measures=()),
        replace(STUDY, measures=(Measure(name="filters", what="w", function=len, before=True),)),
        replace(STUDY, budgets={"smoke": Budget(time="t", data=tiny_data, seeds=2)}),
        replace(STUDY, recipe=STUDY.recipe.with_overrides(["optimizer.lr=0.2"])),
    ],
)
def test_what_all_runs_share_changes_all(other):
    assert not set(plan(other).fingerprints) & set(plan().fingerprints)


def test_what_was_asked_for_is_kept():
    study = with_arm(STUDY, arm("third", pool="average"))
    made = plan(study, seeds=1, arms=["third"], overrides=["optimizer.lr=0.2"], data=tiny_data)
    assert [(job.arm.name, job.seed) for job in made.jobs] == [("max", 0), ("third", 0)]
    assert made.changed == ("data=tiny_data", "seeds=1", "arms=third", "optimizer.lr=0.2")
    assert made.jobs[0].recipe.optimizer.lr == 0.2


def test_what_an_arm_is_compared_with_comes_along():
    more = (arm("third"), replace(arm("more"), against="third"))
    study = replace(STUDY, arms=(*STUDY.arms, *more))
    assert [each.name for each in plan(study, arms=["more"]).arms] == ["max", "third", "more"]


def test_fewer_seeds_are_the_same_runs():
    assert set(plan(seeds=1).fingerprints) < set(plan().fingerprints)


def test_steps_are_counted():
    assert plan().jobs[0].num_steps == 3
    assert plan(overrides=["epochs=2"]).jobs[0].num_steps == 2 * (24 // 8)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"arms": ["maxx"]}, "did you mean max"),
        ({"seeds": 0}, "seeds: expected at least 1, got 0"),
        ({"overrides": ["batch_size=999"]}, "at least a batch of images, got 24"),
        ({"overrides": ["optimizer.rl=9"]}, "optimizer.rl"),
        ({"data": "cifar11"}, "unknown data set 'cifar11'"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(asked, said):
    with pytest.raises(ConvwrightError, match=said):
        plan(**asked)


def test_unequal_arms_are_refused():
    with pytest.raises(ConvwrightError, match="macs of arm 'wide'"):
        plan(with_arm(STUDY, arm("wide", width=16)))


def test_some_images_of_all_classes_are_the_same_ones_each_time():
    data, again = load_part(small_data, 9), load_part(small_data, 9)
    assert torch.bincount(data.train.labels).tolist() == [3, 3, 3]
    assert data.fingerprint == again.fingerprint
    assert len(data.test) == 9
    assert load_part(small_data, None).fingerprint == small_data().fingerprint


def test_data_that_changed_are_noticed():
    made = replace(plan(), spent=replace(plan().spent, data=tiny_data))
    with pytest.raises(ConvwrightError, match="data tiny changed since the study was planned"):
        made.load()
    assert plan().load().fingerprint == small_data().fingerprint
