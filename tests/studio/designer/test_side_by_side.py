"""Two designs side by side, as HTML."""

from convwright.studio.designer.side_by_side import DesignSide, side_by_side
from convwright.studio.shared.design import Design
from convwright.studio.shared.view import View
from convwright.studio.shared.workbench import Workbench
from reference.html import Page


def side(bench, **texts):
    design = bench.design(texts)
    return DesignSide(design=design, knobs=bench.knobs(design.model), view=bench.view(design))


def test_knobs_that_differ_are_marked_and_others_left_out():
    bench = Workbench("resnet20")
    text = side_by_side(side(bench), side(bench, stem="imagenet", width="2"))
    assert Page(text).unclosed == []
    knobs = text.partition("Knobs that differ")[2].partition("</table>")[0]
    assert '<tr class="differs"><th scope="row">stem</th><td>cifar</td><td>imagenet</td></tr>' in knobs
    assert '<tr class="differs"><th scope="row">width</th><td>1</td><td>2</td></tr>' in knobs
    assert knobs.count("<tr") == 3
    assert "layers whose output differs" in text
    assert text.count("<svg") == 2


def test_of_two_models_knobs_that_one_has_are_said_and_layers_are_not():
    bench = Workbench("resnet20")
    text = side_by_side(side(bench), side(bench, model="vgg11"))
    assert '<th scope="row">model</th><td>resnet20</td><td>vgg11</td>' in text
    assert '<th scope="row">shortcut</th><td>A</td><td></td>' in text
    assert "layers whose output differs" not in text


def test_the_same_design_is_said_to_be():
    bench = Workbench("resnet20")
    assert "Both are the same design" in side_by_side(side(bench), side(bench))


def test_what_cannot_be_built_is_a_sentence_and_escaped():
    evil = "<script>"
    broken = DesignSide(design=Design(model=evil), knobs=(), view=View(label=evil, problem=evil))
    text = side_by_side(broken, side(Workbench("resnet20")))
    assert evil not in text
    assert "Costs of both" not in text
