"""What `convwright.analyze` returns shows itself."""

from convwright.analysis.facts import Analysis
from convwright.models import build
from convwright.reports import analyze


def test_it_shows_itself_in_terminal_and_notebook():
    found = analyze(build("resnet20", device="meta").eval(), (1, 3, 32, 32), label="resnet20")
    assert isinstance(found, Analysis)
    assert "269,722" in str(found)  # He et al. 2016a, table 6: 0.27 M
    assert found._repr_html_().lstrip().startswith("<section")
    assert repr(found).startswith("<Analysis of resnet20")
