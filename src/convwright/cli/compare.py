"""`convwright compare`: several networks side by side."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..child_process import announce
from ..errors import ConvwrightError, naming
from ._arguments import Output, format_option, latency_help, put
from ._network_order import NetworkOrder, with_network_options
from ._own_process import call_for, steps_shown
from .analyze import ReportFormat

if TYPE_CHECKING:
    from ..reports.analysis.comparison import ComparedNetwork, NetworkComparison
    from ..reports.analysis.layers import AnalysisRow

CHAPTER = ["vgg16", "resnet50", "densenet121", "efficientnet_b0", "mobilenet_v3_large"]


@with_network_options
def compare(
    network: NetworkOrder,
    models: Annotated[list[str] | None, typer.Argument(metavar="MODEL ...", help="As for analyze.")] = None,
    latency: Annotated[bool, typer.Option(help=latency_help)] = True,
    layers: Annotated[
        bool, typer.Option("--layers", help="Of two networks, also show layer by layer what differs.")
    ] = False,
    form: Annotated[ReportFormat, format_option] = ReportFormat.text,
    output: Output = None,
) -> None:
    """Put networks side by side: cost, memory, field, measured latency and published accuracy.

    `convwright compare` compares VGG-16, ResNet-50, DenseNet-121, EfficientNet-B0 and MobileNetV3-Large.

    `convwright compare resnet18 resnet34 --layers --no-latency`

    `convwright compare resnet18 timm:convnext_tiny net.py:Net --no-latency --format html -o comparison.html`
    """
    from ..networks import NetworkName
    from ..reports.analysis.comparison import NetworkComparison
    from ..reports.analysis.layer_comparison import compare_layers

    names = models or CHAPTER
    if layers and (len(names) != 2 or form is ReportFormat.html):
        expected = "--format text, markdown or json" if len(names) == 2 else "two networks"
        raise ConvwrightError("--layers", expected=expected, got=form if len(names) == 2 else str(len(names)))
    with steps_shown():
        # Files of the user's first: a process that has computed something is not forked any more.
        known = {}
        for name in sorted(names, key=lambda name: not NetworkName(text=name).is_users):
            try:
                order = ComparisonOrder(network=replace(network, model=name), latency=latency, layers=layers)
                known[name] = call_for(name, _compared, order, limits=network.limits)
            except ConvwrightError as error:
                raise naming(error, name) from error
    if not find_spec("torchvision"):
        typer.echo("Published accuracies come with torchvision: pip install 'convwright[pretrained]'", err=True)
    found = [known[name] for name in names]
    pair = compare_layers((names[0], names[1]), found[0][1], found[1][1]) if layers else None
    comparison = NetworkComparison(rows=tuple(row for row, _ in found), layers=pair)
    _print_comparison(comparison, form, output)


def _print_comparison(comparison: "NetworkComparison", form: ReportFormat, output: Path | None) -> None:
    from rich.console import Console

    from ..reports.analysis.comparison import comparison_markdown, comparison_page, comparison_text
    from ..reports.to_json import as_json
    from ..reports.to_text import as_string

    if form is ReportFormat.text and output is None:
        console = Console()
        console.print(comparison_text(comparison, width=console.width))
        return
    text = {
        ReportFormat.text: lambda: as_string(comparison_text(comparison), width=160),
        ReportFormat.json: lambda: as_json(comparison.to_dict()),
        ReportFormat.markdown: lambda: comparison_markdown(comparison),
        ReportFormat.html: lambda: comparison_page(comparison),
    }[form]()
    put(text, output)


@dataclass(frozen=True, kw_only=True)
class ComparisonOrder:
    """A network of a comparison, and the facts that are wanted of it."""

    network: NetworkOrder
    latency: bool
    layers: bool


def _compared(order: ComparisonOrder) -> "tuple[ComparedNetwork, list[AnalysisRow]]":
    """Return the row of a network, and its layers where they are asked for."""
    from ..analysis.latency import measure_latency
    from ..models.published import published_top1
    from ..reports.analysis.comparison import ComparedNetwork
    from ..reports.analysis.layers import leaf_rows

    name = order.network.model
    network, found = order.network.analyzed(computes=order.latency)
    # The oldest weights of each: recipes have improved, and mixing them would compare recipes.
    known = published_top1(name.removeprefix("torchvision:")) if find_spec("torchvision") else ()
    published = next(iter(known), None)
    latency = None
    if order.latency:
        announce(f"measuring {name}", is_limited=False)
        try:
            latency = measure_latency(network.module, found.graph, budget_seconds=1.0)
        except ConvwrightError as error:
            typer.echo(f"not measured: latency of {name} ({error})", err=True)
    row = ComparedNetwork.of(
        found,
        latency=latency,
        top1_percent=published.top1_percent if published else None,
        source=published.source if published else "",
    )
    return row, leaf_rows(found) if order.layers else []
