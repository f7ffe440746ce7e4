"""A knob that is offered makes the finding go away, and leaves the network better."""

import pytest

from convwright.linter import lint
from convwright.models import build, config_of
from convwright.studio.designer.knob_search import KnobSearch, neighbors
from convwright.studio.shared.design import Design
from convwright.studio.shared.knobs import knobs_of
from convwright.studio.shared.workbench import Workbench


def searched(design, code):
    bench = Workbench(design.model)
    view = bench.view(design)
    group = next(each for each in view.findings if each.first.code == code)
    search = KnobSearch(design, view.report, group, bench.look)
    search.more(600.0)
    return search


def linted(design):
    model = build(design.model, device="meta", **design.options)
    size = model.config.input_size
    return {finding.code for finding in lint(model, (1, model.config.in_channels, size, size)).findings}


@pytest.mark.parametrize(
    ("design", "code", "knob"),
    [
        (Design(model="resnet20", changes=(("norm", "none"),)), "CW309", "norm"),
        (Design(model="resnet20", changes=(("stem", "imagenet"),)), "CW201", "stem"),
        (Design(model="vgg16"), "CW309", "norm+conv_bias"),  # a norm alone would bring biases that it cancels
    ],
)
def test_what_is_offered_does_it(design, code, knob):
    search = searched(design, code)
    assert search.is_done
    assert search.num_tried == search.num_designs
    assert knob in {change.key for change in search.best}
    before = linted(design)
    for change in search.best:
        after = linted(change.design)
        assert code in before - after
        assert len(after) <= len(before)
    changes = [change.cost_change for change in search.best]
    assert changes == sorted(changes)


def test_every_neighbor_differs_in_one_knob_and_none_is_of_the_task():
    design = Design(model="resnet18", changes=(("width", 0.5),))
    seen = set()
    for knob, other in neighbors(design):
        differing = {
            name for name in dict(design.changes) | dict(other.changes) if _of(design, name) != _of(other, name)
        }
        assert differing == {knob.name}
        seen.add(knob.name)
    assert seen == {knob.name for knob in knobs_of("resnet18")} - {"num_classes", "in_channels"}


def _of(design, name):
    return design.options.get(name, getattr(config_of(design.model), name))


def test_values_are_those_that_others_have_and_the_neighbours():
    values = {knob.name: set() for knob in knobs_of("resnet50")}
    for knob, design in neighbors(Design(model="resnet50")):
        values[knob.name].add(design.options[knob.name])
    assert {0.0625, 0.25} <= values["se_ratio"]
    assert {(3, 3, 6, 3), (3, 4, 5, 3), (3, 4, 23, 3)} <= values["blocks"]
    assert values["shortcut"] == {"A", "D", "none"}
    assert values["stem_norm"] == {False}


def test_a_search_stops_when_it_is_told_to():
    bench = Workbench("resnet20")
    view = bench.view(bench.first)
    search = KnobSearch(bench.first, view.report, view.findings[0], bench.look)
    search.more(0.0)
    assert (search.num_tried, search.is_done) == (0, False)
    search.stop()
    search.more(60.0)
    assert (search.num_tried, search.is_done, search.best) == (0, True, [])
