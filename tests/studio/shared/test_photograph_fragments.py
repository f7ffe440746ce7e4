"""The place where a photograph is chosen."""

import re

from convwright.studio.shared.photograph_fragments import photograph_form
from reference.html import Page


def test_every_control_has_a_label_and_names_are_escaped():
    text = photograph_form(["chelsea", "<b>"])
    page = Page(text)
    assert page.unclosed == []
    assert re.findall(r"<option>(.*?)</option>", text) == ["chelsea", "&lt;b&gt;"]
    assert re.findall(r'<label for="([^"]+)"', text) == re.findall(r'<(?:select|input)[^>]* id="([^"]+)"', text)
    assert 'accept="image/jpeg,image/png,image/webp"' in text
    assert 'data-most="16777216" data-too-large="this file: expected at most 16.0 MiB"' in text
