"""What `convwright.lint` returns shows itself, and nothing of the package hides the function."""

import convwright
import convwright.linter.engine
from convwright.linter import Report
from convwright.models import build


def test_it_shows_itself_in_terminal_and_notebook():
    found = convwright.lint(build("vgg16", device="meta"), (1, 3, 224, 224), label="vgg16")
    assert isinstance(found, Report)
    assert "warning CW401 head-holds-most-parameters" in str(found)
    assert found._repr_html_().startswith("<pre>vgg16")
    assert repr(found).startswith("<Report on vgg16: ")


def test_the_function_is_what_the_root_offers():
    assert convwright.linter.engine.lint is not convwright.lint
    assert callable(convwright.lint)
    assert callable(convwright.fix)
