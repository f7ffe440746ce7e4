"""Pictures of a study show the numbers they were given."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from convwright.reports.figures import as_png
from convwright.reports.study.plots import cost_figure, curves_band_png, differences_figure
from convwright.studies.summary import summarize
from reference.study_results import BASE, COSTS, DOWN, UP, arm, epochs, result

DEAR = COSTS | {"macs": 500_000, "parameters": 1200}


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are made, to be asked what is in them."""
    figures = []
    save = Figure.savefig

    def kept(figure, *args, **kwargs):
        figures.append(figure)
        save(figure, *args, **kwargs)

    monkeypatch.setattr(Figure, "savefig", kept)
    return figures


def study(**more):
    return result(arm("max", BASE), arm("up", UP, costs=DEAR), arm("down", DOWN), **more)


def means(axes):
    """Of the error bars: label, place of the mean, half of the interval, as drawn."""
    found = {}
    for bar in axes.containers:
        x, y = (values[0] for values in bar.lines[0].get_data())
        (segment,) = bar.lines[2][0].get_segments()
        found[bar.get_label()] = (x, y, np.ptp(segment[:, 1]) / 2)
    return found


def test_each_arm_stands_at_its_cost_and_mean_with_its_interval(drawn):
    summary = summarize(study())
    assert Image.open(io.BytesIO(as_png(cost_figure(summary)))).format == "PNG"
    macs, parameters = drawn[0].axes
    assert (macs.get_xlabel(), parameters.get_xlabel()) == ("MACs", "parameters")
    assert (macs.get_xscale(), parameters.get_xscale()) == ("log", "linear")
    for each in summary.arms:
        x, y, half = means(macs)[each.name]
        found = each.estimates["test_accuracy"]
        assert x == pytest.approx(each.costs["macs"], rel=0.05)
        assert y == pytest.approx(100 * found.mean)
        assert half == pytest.approx(50 * (found.interval[1] - found.interval[0]))
    assert means(macs)["max"][0] != means(macs)["down"][0]  # of one cost, drawn side by side
    (front,) = (line for line in macs.lines if line.get_label() == "Pareto front")
    assert list(front.get_ydata()) == pytest.approx([100 * np.mean(BASE), 100 * np.mean(UP)])


def test_each_seed_has_its_difference(drawn):
    summary = summarize(study())
    as_png(differences_figure(summary))
    axes = drawn[0].axes[0]
    seeds = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 8]
    assert [list(values) for values in seeds] == [
        pytest.approx(100 * np.subtract(values, BASE)) for values in (UP, DOWN)
    ]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["up", "down"]
    assert [label.get_text() for label in axes.child_axes[0].get_yticklabels()] == ["better", "worse"]


def test_curves_are_means_within_the_range_of_the_seeds(drawn):
    curves_band_png(study())
    loss, accuracy = drawn[0].axes
    assert list(loss.lines[0].get_ydata()) == pytest.approx([2, 1, 2 / 3])
    assert accuracy.lines[1].get_ydata()[-1] == pytest.approx(100 * (np.mean(UP) - 0.1 / 3))
    band = accuracy.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((100 * (min(BASE) - 0.1), 100 * (max(BASE) - 0.1 / 3)))
    assert [text.get_text() for text in drawn[0].legends[0].get_texts()] == ["max", "up", "down"]


def test_long_runs_begin_at_a_quarter_and_say_so(drawn):
    long = arm("max", [0.7])
    long["runs"][0]["record"]["epochs"] = epochs(0.7, 12)
    curves_band_png(result(long))
    assert list(drawn[0].axes[0].lines[0].get_xdata()) == list(range(4, 13))
    assert drawn[0].axes[0].get_title() == "training loss, from epoch 4"


def test_one_seed_has_no_interval_and_no_band(drawn):
    plain = result(arm("max", BASE[:1]), arm("up", UP[:1], costs=DEAR))
    summary = summarize(plain)
    for png in (as_png(cost_figure(summary)), as_png(differences_figure(summary)), curves_band_png(plain)):
        assert Image.open(io.BytesIO(png)).size[0] > 1000
    assert all(bar.lines[2] == () for figure in drawn[:2] for axes in figure.axes for bar in axes.containers)
    assert len(drawn[2].axes[0].collections) == 0


def test_runs_without_validation_images_leave_that_panel_empty(drawn):
    without = arm("max", BASE[:2])
    for run in without["runs"]:
        run["record"]["epochs"] = [row | {"validation_accuracy": None} for row in run["record"]["epochs"]]
    curves_band_png(result(without))
    assert [len(axes.lines) for axes in drawn[0].axes] == [1, 0]
