"""Templates beside a module may use the shared ones, and escape what is put into them."""

import pytest
from jinja2 import TemplateNotFound
from markupsafe import Markup

from convwright.studio.shared.html import templates_beside


def test_own_templates_come_first_then_the_shared_ones(tmp_path):
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "own.html.j2").write_text("<p>{{ words }}</p>{% include 'problem.html.j2' %}", encoding="utf-8")
    render = templates_beside(str(tmp_path / "module.py"))
    said = render("own.html.j2", words="<b>", problem="")
    assert said == "<p>&lt;b&gt;</p>"
    assert isinstance(said, Markup)
    assert render("own.html.j2", words=Markup("<b></b>"), problem="").startswith("<p><b></b></p>")
    (folder / "formulas.html.j2").write_text("mine", encoding="utf-8")
    assert render("formulas.html.j2") == "mine"
    with pytest.raises(TemplateNotFound):
        templates_beside(__file__)("own.html.j2")
