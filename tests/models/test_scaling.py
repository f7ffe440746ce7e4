"""Compound scaling: the formula, its constraint, the search, and the released table beside it."""

import pytest

from convwright.errors import ConvwrightError
from convwright.models import build, compound, config_of, search_coefficients
from convwright.models.efficientnet import OFFICIAL


def test_the_papers_coefficients_nearly_double_the_compute():
    scaling = compound(1)
    assert scaling.compute_per_step == pytest.approx(1.2 * 1.1**2 * 1.15**2)
    assert scaling.doubles_compute
    assert "close to 2" in str(scaling)
    assert "NOT close to 2" in str(compound(1, 1.5, 1.5, 1.5))


@pytest.mark.parametrize("name", ["resnet18", "vgg11_gap", "densenet121", "mobilenet_v3_small", "wrn_16_4"])
def test_any_family_scales(name):
    config = config_of(name)
    scaled = compound(2).apply(config)
    assert scaled.input_size == round(config.input_size * 1.15**2)
    bigger = build(name, device="meta", width=scaled.width, depth=scaled.depth)
    before = build(name, device="meta")
    assert sum(p.numel() for p in bigger.parameters()) > sum(p.numel() for p in before.parameters())


def test_scaling_multiplies_what_is_scaled_already():
    assert compound(1).apply(config_of("resnet18", width=2.0)).width == pytest.approx(2.2)


def test_the_released_table_is_not_the_formula():
    at_seven = compound(7)  # B7 would be phi = 7
    width, depth, resolution, _ = OFFICIAL["b7"]
    assert round(224 * at_seven.resolution) == 596
    assert (resolution, width) == (600, 2.0)
    assert depth == 3.1 < at_seven.depth < 3.6


def test_the_search_keeps_the_constraint_and_sorts():
    found = search_coefficients(lambda s: -abs(s.alpha - 1.2) - abs(s.beta - 1.1) - abs(s.gamma - 1.15))
    assert all(abs(s.compute_per_step - 2) < 0.1 + 1e-6 for _, s in found)
    assert [score for score, _ in found] == sorted((score for score, _ in found), reverse=True)
    best = found[0][1]
    assert (best.alpha, best.beta, best.gamma) == (1.2, 1.1, 1.15)  # Tan & Le 2019, section 3.3


def test_bad_coefficients_are_refused():
    with pytest.raises(ConvwrightError, match="beta: expected at least 1"):
        compound(1, beta=0.9)
    with pytest.raises(ConvwrightError, match="no coefficients meet the constraint"):
        search_coefficients(lambda _: 0.0, step=0.7, tolerance=0.001)
