"""Verdicts: right about data whose truth is known, silent where the seeds do not suffice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from convwright.errors import ConvwrightError
from convwright.statistics import LEAST_FOR_BCA, holm, sign_flip_p
from convwright.studies.comparisons import Verdict, compare, seeds_needed

RUNS = st.lists(st.tuples(*[st.integers(0, 1000)] * 3), min_size=1, max_size=8)


def by_seed(values):
    return {seed: float(value) for seed, value in enumerate(values)}


def drawn(draw, means, number):
    """Arms with a common part a seed, as paired seeds have."""
    common = draw.normal(0.7, 0.02, number)
    return {name: by_seed(common + mean + draw.normal(0, 0.01, number)) for name, mean in means.items()}


def against_base(arms):
    return compare(arms, {name: "base" for name in arms if name != "base"})


def test_equal_arms_err_together_as_rarely_as_one():
    draw = np.random.default_rng(0)
    equal = dict.fromkeys(("base", "a", "b", "c"), 0.0)
    families = [against_base(drawn(draw, equal, 8)) for _ in range(500)]
    false = np.mean([any(each.verdict != Verdict.NOT_DISTINGUISHABLE for each in family) for family in families])
    alone = np.mean([any(each.p < 0.05 for each in family) for family in families])
    assert false <= stats.binom.isf(1e-6, 500, 0.05) / 500
    assert alone > 0.08  # what the correction is for


def test_large_effects_are_found_with_their_sign_and_small_ones_stay_open():
    draw = np.random.default_rng(1)
    told = [against_base(drawn(draw, {"base": 0, "up": 0.06, "down": -0.06}, 8)) for _ in range(100)]
    assert np.mean([up.verdict == Verdict.BETTER for up, _ in told]) > 0.95
    assert np.mean([down.verdict == Verdict.WORSE for _, down in told]) > 0.95
    covered = np.mean([each.estimate.interval[0] <= 0.06 <= each.estimate.interval[1] for each, _ in told])
    assert covered >= stats.binom.ppf(1e-4, 100, 0.95) / 100


@pytest.mark.parametrize(("seeds", "arms", "possible"), [(5, 1, False), (6, 1, True), (6, 2, False), (7, 2, True)])
def test_without_the_seeds_nothing_is_said(seeds, arms, possible):
    base = {"base": dict.fromkeys(range(seeds), 0.5)}
    others = {f"arm{i}": {s: 0.9 + 0.001 * s for s in range(seeds)} for i in range(arms)}
    expected = Verdict.BETTER if possible else Verdict.TOO_FEW_SEEDS
    assert {each.verdict for each in against_base(base | others)} == {expected}
    assert (seeds >= seeds_needed(arms)) == possible


def test_an_arm_with_few_seeds_does_not_silence_another():
    arms = {
        "base": dict.fromkeys(range(8), 0.5),
        "full": {s: 0.6 + 0.001 * s for s in range(8)},
        "begun": {0: 0.9, 1: 0.8},
    }
    full, begun = against_base(arms)
    assert (full.verdict, begun.verdict) == (Verdict.BETTER, Verdict.TOO_FEW_SEEDS)
    assert full.p_holm == 2 * 2 / 2**8


@given(RUNS)
def test_exchanging_arm_and_baseline_turns_the_sign(runs):
    one, other, _ = ([value / 1000 for value in column] for column in zip(*runs, strict=True))
    arms = {"one": by_seed(one), "other": by_seed(other)}
    (there,), (back,) = compare(arms, {"other": "one"}), compare(arms, {"one": "other"})
    assert there.estimate.mean == pytest.approx(-back.estimate.mean)
    assert there.p == pytest.approx(back.p)
    turned = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
    assert there.verdict == turned.get(back.verdict, back.verdict)
    (lower,) = compare(arms, {"other": "one"}, less_is_better=True)
    assert lower.verdict == turned.get(there.verdict, there.verdict)


@given(RUNS)
def test_what_a_seed_does_to_all_arms_cancels(runs):
    one, other, shift = zip(*runs, strict=True)
    plain = compare({"one": by_seed(one), "other": by_seed(other)}, {"other": "one"})
    moved = {"one": by_seed(np.add(one, shift)), "other": by_seed(np.add(other, shift))}
    assert compare(moved, {"other": "one"}) == plain


def test_only_common_seeds_count():
    arms = {"base": {0: 0.5, 1: 0.6, 9: 0.1}, "some": {1: 0.7, 0: 0.5, 5: 1.0}, "none": {7: 0.7}}
    (found,) = against_base(arms)
    assert (found.arm, found.seeds) == ("some", (0, 1))
    assert found.estimate.values == pytest.approx((0.0, 0.1))


def test_the_parts_are_put_together():
    arms = drawn(np.random.default_rng(2), {"base": 0, "a": 0.01, "b": 0.02}, LEAST_FOR_BCA)
    found = against_base(arms)
    p_values = [sign_flip_p([arms[name][s] - arms["base"][s] for s in arms["base"]]) for name in "ab"]
    assert [each.p for each in found] == p_values
    assert [each.p_holm for each in found] == holm(p_values)
    for each in found:
        assert each.bca_interval[0] < each.estimate.mean < each.bca_interval[1]
        assert each.to_dict()["verdict"] == each.verdict.value


def test_arms_may_be_compared_with_different_ones():
    arms = drawn(np.random.default_rng(3), {"a": 0, "b": 0.05, "c": 0.1}, 8)
    found = compare(arms, {"b": "a", "c": "b"})
    assert [(each.arm, each.against) for each in found] == [("b", "a"), ("c", "b")]
    assert found[1].estimate.values == pytest.approx([arms["c"][s] - arms["b"][s] for s in range(8)])


@pytest.mark.parametrize("against", [{"blur": "maxx"}, {"maxx": "blur"}])
def test_both_arms_have_to_be_there(against):
    with pytest.raises(ConvwrightError, match=r"unknown arm 'maxx'.*did you mean max"):
        compare({"max": {0: 0.5}, "blur": {0: 0.5}}, against)
