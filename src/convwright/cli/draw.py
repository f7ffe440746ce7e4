"""`convwright draw`: the graph of a network, with its skips and merges."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from ..child_process import announce
from ..errors import ConvwrightError
from ._arguments import Model, output_option, require_folder_of, write
from ._network_order import NetworkOrder, with_network_options
from ._own_process import call_for, steps_shown

FORMATS = (".svg", ".html", ".dot", ".json")


@with_network_options
def draw(
    model: Model,
    network: NetworkOrder,
    depth: Annotated[
        int | None,
        typer.Option(
            min=1, help="Number of levels of the module tree to show.", show_default="as many as one screen shows"
        ),
    ] = None,
    output: Annotated[Path, output_option()] = Path("network.svg"),
) -> None:
    """Draw the graph of a network: stages, blocks, layers, and the skips, additions, concatenations and gates between.

    Equal blocks in a row are one box, "x 3". The output is a picture (.svg), a page to zoom and unfold (.html), a
    graph for Graphviz (.dot), or its nodes, edges and groups (.json, unfolded unless --depth is given).

    `convwright draw resnet50 -o resnet50.svg`

    `convwright draw net.py:UNet --depth 3 -o unet.html`
    """
    if output.suffix not in FORMATS:
        raise ConvwrightError(
            f"--output {output}",
            expected="a name that ends in .svg, .html, .dot or .json",
            hint=f"write --output {output.with_suffix('.svg')} for a picture",
        )
    require_folder_of(output)
    order = DrawingOrder(network=replace(network, model=model), depth=depth, suffix=output.suffix)
    with steps_shown():
        text = call_for(model, _drawn, order, limits=network.limits)
    write(text, output)


@dataclass(frozen=True, kw_only=True)
class DrawingOrder:
    """A call of `convwright draw`; `suffix` says in which format."""

    network: NetworkOrder
    depth: int | None
    suffix: str


def _drawn(order: DrawingOrder) -> str:
    from ..analysis.drawing import default_depth, network_graph, unfolded_to, visible
    from ..reports.drawing.dot import as_dot
    from ..reports.drawing.layout import LayoutEngine
    from ..reports.drawing.page import drawing_page
    from ..reports.drawing.svg import drawing
    from ..reports.to_json import as_json

    # Before the work: it may not be installed.
    engine = LayoutEngine() if order.suffix in (".svg", ".html") else None
    graph = network_graph(order.network.analyzed()[1])
    depth = order.depth or default_depth(graph)
    if order.suffix == ".json" and order.depth is None:
        return as_json(graph.to_dict())
    seen = visible(graph, unfolded_to(graph, depth))
    if order.suffix == ".json":
        return as_json(seen.to_dict())
    if engine is None:
        return as_dot(seen)
    announce(f"drawing {len(seen.nodes):,} boxes")
    return drawing_page(graph, depth, engine) if order.suffix == ".html" else f"{drawing(seen, engine)}\n"
