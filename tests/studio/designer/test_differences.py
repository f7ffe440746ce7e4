"""Two networks side by side: what differs is said, with both values, and nothing else is."""

import pytest

from convwright.analysis.stages import stages
from convwright.studio.designer.differences import Pair, cost_ratios, differences
from convwright.studio.shared.workbench import Workbench


@pytest.fixture(scope="module")
def report():
    bench = Workbench("resnet20")
    return lambda **texts: bench.view(bench.design(texts)).report


def test_a_network_does_not_differ_from_itself(report):
    found = differences(report(), report())
    assert not any(pair.differs for pair in (*found.costs, *(pair for stage in found.stages for pair in stage)))
    assert (found.layers, found.only_first, found.only_second) == ((), (), ())


def test_costs_stages_layers_and_findings(report):
    one, other = report(), report(stem="imagenet")
    found = differences(one, other)
    costs = {pair.name: pair for pair in found.costs}
    before, after = one.analysis.totals.macs, other.analysis.totals.macs
    assert costs["MACs"].ratio == f"x{after / before:.3g}"
    assert costs["receptive field"].differs
    assert len(found.stages) == max(len(stages(each.analysis.ops)) for each in (one, other))
    maps = [stage[0].first for stage in found.stages if stage[0].first]
    assert maps == ["16 x 32x32", "32 x 16x16", "64 x 8x8", "after the last map"]
    (stem,) = [pair for pair in found.layers if pair.name == "stem.conv.conv"]
    assert (stem.first, stem.second) == ("1x16x32x32", "1x16x16x16")
    assert "CW201" in {group.first.code for group in found.only_second}
    turned = differences(other, one)
    assert turned.only_first == found.only_second


def test_ratios_name_the_costs_that_differ(report):
    one, other = report(), report(num_classes="11")
    ratios = cost_ratios(one.analysis, other.analysis)
    assert ratios["parameters"] == f"{100 * 65 / 269_722:+.2g} %"
    assert ratios.keys() <= {pair.name for pair in differences(one, other).costs}
    assert cost_ratios(None, one.analysis) == {}


def test_a_pair_differs_where_only_one_has_it():
    assert Pair(name="x", first="", second="1").differs
    assert Pair(name="x", first="1", second="1", ratio="x1.1").differs
    assert not Pair(name="x", first="1", second="1").differs
