"""An analysis as Markdown has the same numbers as everywhere."""

from convwright.analysis.analyze import analyze
from convwright.models import build
from convwright.reports.analysis.layers import TableChoice
from convwright.reports.analysis.markdown import analysis_markdown


def test_an_analysis_has_its_parts():
    found = analyze(build("resnet20", device="meta").eval(), (1, 3, 32, 32), label="resnet20")
    text = analysis_markdown(found, TableChoice(depth=1))
    assert text.startswith("# resnet20\n\nInput 1x3x32x32.\n")
    assert "| &nbsp;&nbsp;stem | Stem | 1x16x32x32 | 464 |" in text
    assert "## Totals" in text
    assert "- 1 multiply-accumulate = 1 MAC = 2 FLOPs" in text
