"""The page on drawings, and the drawings on it."""

from functools import cache
from pathlib import Path

from convwright import models
from convwright.analysis.analyze import analyze
from convwright.analysis.drawing import default_depth, network_graph, unfolded_to, visible
from convwright.reports.drawing.layout import LayoutEngine
from convwright.reports.drawing.svg import drawing

HERE = Path(__file__).parent
SHOWN = {"resnet50": None, "se_resnet20": 4}  # the depth of each, None for that of the command


def drawings_page() -> str:
    """Words of docs/templates/drawings.md."""
    return (HERE / "templates/drawings.md").read_text(encoding="utf-8")


@cache
def drawings() -> dict[str, str]:
    """The SVG files of the page, by their paths in docs/."""
    engine, files = LayoutEngine(), {}
    for name, depth in SHOWN.items():
        side = models.config_of(name).input_size
        found = analyze(models.build(name, device="meta").eval(), (1, 3, side, side), label=name)
        graph = network_graph(found)
        seen = visible(graph, unfolded_to(graph, depth or default_depth(graph)))
        files[f"drawings/{name}.svg"] = f"{drawing(seen, engine)}\n"
    return files
