"""The form and the table of the zoo as HTML."""

import re

from convwright.studio.shared.workbench import Workbench
from convwright.studio.zoo import fragments
from convwright.studio.zoo.table import COSTS, TITLES, ZooQuery, ZooTable
from reference.html import Page


def test_every_box_of_the_form_has_a_label():
    text = fragments.budget_form()
    names = re.findall(r' id="knob-(\w+)"', text)
    assert names == ["words", "parameters_m", "macs_m", "field_px", "cost"]
    assert re.findall(r'<label for="knob-(\w+)"', text) == names
    assert [cost for cost in COSTS if f'value="{cost}"' in text] == list(COSTS)


def test_the_table_closes_what_it_opens_and_escapes_a_problem():
    text = fragments.zoo_table(ZooTable(Workbench("resnet20")), ZooQuery(), "<script>")
    assert Page(text).unclosed == []
    assert "<script>" not in text
    assert [title for title in TITLES.values() if title in text] == list(TITLES.values())
