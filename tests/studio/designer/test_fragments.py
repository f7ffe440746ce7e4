"""Parts of the page: complete, labeled, and nothing in them that was not meant as HTML."""

import re

import pytest
from torch import nn

from convwright.models import model_names
from convwright.networks import Network, NetworkInput
from convwright.reports.analysis.layers import stage_rows
from convwright.studio.designer import fragments
from convwright.studio.shared.knobs import Knob, knobs_of
from convwright.studio.shared.view import View, layers_of, view_of
from convwright.studio.shared.workbench import Workbench
from reference.html import Page

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def bench():
    return Workbench("resnet20")


def parts_of(view):
    layers = layers_of(view, 3)
    return fragments.facts(view), fragments.layers_table(view, layers), fragments.findings_list(view, layers)


def test_parts_close_what_they_open_and_fetch_nothing(bench):
    texts = [*parts_of(bench.view(bench.first)), fragments.models_form(bench.models()), fragments.code_block("x < 1")]
    for text in texts:
        page = Page(text)
        assert page.unclosed == []
        assert [address for address in page.fetched if not address.startswith("#")] == []


@pytest.mark.parametrize("name", model_names()[::7])
def test_every_knob_has_a_control_with_a_label(name):
    knobs = knobs_of(name)
    text = fragments.knobs_form(knobs, "Words.")
    controls = re.findall(r'<(?:select|input|textarea)[^>]* id="(knob-\w+)" name="(\w+)"', text)
    assert controls == [
        (f"knob-{knob.name}", knob.name) for own in (True, False) for knob in knobs if knob.is_own is own
    ]
    assert re.findall(r'<label for="([^"]+)"', text) == [place for place, _ in controls]
    assert text.count("<option selected>") == sum(knob.kind == "choice" for knob in knobs)


def test_the_totals_are_those_of_the_report_with_what_changed(bench):
    base, view = bench.view(bench.first), bench.view(bench.design({"num_classes": "100"}))
    before, now = base.analysis.totals.parameters, view.analysis.totals.parameters
    text = fragments.facts(view, base)
    assert f"{now:,}" in text
    assert f"x{now / before:.3g}</em>" in text
    assert "<em" not in fragments.facts(base, base)


def test_the_stages_are_those_of_the_report(bench):
    view = bench.view(bench.first)
    text = parts_of(view)[1]
    for row in stage_rows(view.analysis):
        assert (
            f'<th scope="row">{row.cells[0]}</th><td>{row.cells[2]}</td><td class="number">{row.cells[3]}</td>' in text
        )


def test_findings_come_with_reason_source_and_fix(bench):
    text = parts_of(bench.view(bench.first))[2]
    codes = [group.first.code for group in bench.view(bench.first).findings]
    assert re.findall(r'id="finding-(CW\d+)"', text) == codes
    assert codes
    for word in ("Why", "Suggestion:", 'href="#layer-'):
        assert word in text
    assert "built at" not in text


def test_marks_lead_to_findings_and_findings_to_layers(bench):
    _, layers, findings = parts_of(bench.view(bench.first))
    places = set(re.findall(r'id="([^"]+)"', layers + findings))
    assert set(re.findall(r'href="#([^"]+)"', layers + findings)) <= places


def test_a_fix_button_says_how_safe_it_is():
    view = Workbench("resnet50").view(Workbench("resnet50").first)
    layers = layers_of(view, 3)
    buttons = re.findall(
        r'data-act="fix \d+ (CW\d+) [^"]*">([^<]*) <', fragments.findings_list(view, layers, has_knobs=True)
    )
    assert dict(buttons)["CW503"] == "Fix (changes training) ..."
    assert dict(buttons)["CW512"] == "Fix by a knob ..."
    assert [code for code, _ in buttons] == [group.first.code for group in view.findings]
    assert "CW512" not in dict(re.findall(r'data-act="fix \d+ (CW\d+)(.*)', fragments.findings_list(view, layers)))
    assert "take-back" not in fragments.findings_list(view, layers)
    assert 'data-act="take-back"' in fragments.findings_list(view, layers, can_undo=True)


def test_a_network_that_is_fine_is_said_to_be():
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 8))
    view = view_of(lambda: Network(module=model, label="net", given=(NetworkInput(shape=(1, 4, 2, 2)),)), "net")
    assert "no rule has found anything" in parts_of(view)[2]


def test_words_of_others_are_escaped():
    view = View(label=EVIL, problem=EVIL)
    knob = Knob(name="word", kind="word", default=EVIL, help=f'"{EVIL}')
    texts = [*parts_of(view), fragments.spoken(view), fragments.code_block(EVIL)]
    texts += [fragments.knobs_form([knob], EVIL), fragments.models_form({EVIL: [EVIL]})]
    assert all(EVIL not in text for text in texts)
    assert "&lt;script&gt;" in texts[0]


def test_the_page_is_said_in_a_sentence(bench):
    said = fragments.spoken(bench.view(bench.first))
    assert said.startswith("resnet20: 270 k parameters, 40.6 MMACs, ")
