"""`convwright analyze`: what a network is."""

import gc
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ConvwrightError, require_choice
from ._arguments import Model, Output, format_option, put
from ._fits import FitOrder, Fits, Optimizer, fit_order
from ._latency import (
    Batches,
    IsCompiled,
    IsMeasured,
    LatencyOrder,
    Precisions,
    Threads,
    latency_order,
    measured_latency,
)
from ._network_order import NetworkOrder, with_network_options
from ._own_process import call_for, steps_shown

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from ..analysis.facts import Analysis
    from ..analysis.memory_fit import MemoryFit
    from ..reports.analysis.latency import LatencyReport
    from ..reports.analysis.layers import TableChoice

# Of `reports.analysis.columns`, which would load torch for a help text.
COLUMN_NAMES = (
    "type, input, output, kernel, stride, groups, dtype, parameters, percent, trainable, macs, flops, memory, kept, "
    "field, jump, latency"
)
_ALL_LEVELS = 10**6

Train = Annotated[bool, typer.Option("--train", help="Analyze it in train mode instead of eval mode.")]
Depth = Annotated[
    int | None,
    typer.Option(
        min=1, show_default="3; all with --sort, --filter, csv", help="Number of levels of the module tree to show."
    ),
]
Columns = Annotated[str, typer.Option(metavar="NAME,...", help=f"Columns of the table, of {COLUMN_NAMES}.")]
Sort = Annotated[
    str, typer.Option(metavar="COLUMN", help="List the layers by this column, the largest first, without the tree.")
]
Filter = Annotated[
    str,
    typer.Option("--filter", metavar="GLOB", help="List the layers whose path or type matches, as 'layer1.*'."),
]


class ReportFormat(StrEnum):
    """Format of a report on a network."""

    text = "text"
    json = "json"
    markdown = "markdown"
    html = "html"


class LayersFormat(StrEnum):
    """Format of a report whose table of layers can be written alone."""

    text = "text"
    json = "json"
    csv = "csv"
    markdown = "markdown"
    html = "html"


@with_network_options
def analyze(
    model: Model,
    network: NetworkOrder,
    train: Train = False,
    depth: Depth = None,
    columns: Columns = "",
    sort: Sort = "",
    pattern: Filter = "",
    by_stage: Annotated[bool, typer.Option("--stages", help="One line per resolution instead of the tree.")] = False,
    latency: IsMeasured = False,
    compiled: IsCompiled = False,
    batches: Batches = None,
    threads: Threads = None,
    precisions: Precisions = None,
    fits: Fits = "",
    optimizer: Optimizer = "",
    form: Annotated[LayersFormat, format_option] = LayersFormat.text,
    output: Output = None,
) -> None:
    """State shapes, receptive field, parameters, MACs and memory of any network, from shapes alone where they suffice.

    `convwright analyze resnet50 --stages`

    `convwright analyze timm:convnext_tiny --input 3x288x288 --depth 2`

    `convwright analyze resnet50 --columns output,kernel,macs,percent --sort macs`

    `convwright analyze resnet50 --fits 8GiB --batch 128 --optimizer adam`

    `convwright analyze net.py:Net --arg num_classes=10 --input 1x28x28 --format html -o net.html`
    """
    table = TableOrder(depth=depth, columns=columns, sort=sort, pattern=pattern, by_stage=by_stage)
    by_module = "latency" in (sort, *columns.replace(",", " ").split())
    times = latency or by_module
    timing = latency_order(latency, by_module, compiled, batches if times or not fits else None, threads, precisions)
    order = AnalysisOrder(
        network=replace(network, model=model),
        train=train,
        table=table,
        latency=timing,
        fit=fit_order(fits, batches, optimizer),
        form=form,
        width=None,
    )
    _print_analysis(order, output)


def _print_analysis(order: "AnalysisOrder", output: "Path | None") -> None:
    from rich.console import Console

    gc.freeze()  # what was imported stays: a search of it for garbage takes longer than the analysis
    console = Console()
    is_shown = order.form is LayersFormat.text and output is None
    order = replace(order, width=console.width if is_shown else None)
    with steps_shown():
        report, more = call_for(order.network.model, _analyzed, order, limits=order.network.limits)
    if isinstance(report, str):
        put(report, output)
    else:
        console.print(report)
    for each in more:
        (console if is_shown else Console(stderr=output is None)).print(each)


@dataclass(frozen=True, kw_only=True)
class TableOrder:
    """Lines and columns of the table, as the command line names them."""

    depth: int | None
    columns: str
    sort: str
    pattern: str
    by_stage: bool


@dataclass(frozen=True, kw_only=True)
class AnalysisOrder:
    """A call of `convwright analyze`; `width` is that of the terminal, None where the report goes into a file."""

    network: NetworkOrder
    train: bool
    table: TableOrder
    latency: LatencyOrder
    fit: FitOrder | None
    form: LayersFormat
    width: int | None


def _analyzed(order: AnalysisOrder) -> "tuple[RenderableType, list[RenderableType]]":
    """Return the report, as a text if it is for a file, and the tables of latency and of what fits."""
    from ..reports.analysis.memory_fit import memory_fit_text

    choice = _choice(order)
    network, found = order.network.analyzed(computes=order.latency.computes, train=order.train)
    times = measured_latency(network, found, order.latency) if order.latency.computes else None
    if times and times.modules:
        choice = replace(choice, times=times.modules.medians)
    fit = order.fit.answer(found) if order.fit else None
    tables: list[RenderableType] = []
    if order.form is not LayersFormat.json:
        tables += times.shown() if times and order.latency.is_measured else []
        tables += [memory_fit_text(fit)] if fit else []
    return _report(found, order, choice, times, fit), tables


def _choice(order: AnalysisOrder) -> "TableChoice":
    """Return the lines and columns that were asked for, before anything is done."""
    from ..reports.analysis.columns import ALL_COLUMNS, columns_named
    from ..reports.analysis.layers import TableChoice

    table = order.table
    given = {"--columns": table.columns, "--sort": table.sort, "--filter": table.pattern}
    for option, value in given.items():
        if value and order.form in (LayersFormat.json, LayersFormat.html):
            hint = f"{order.form} has every layer" + (" and column" if order.form is LayersFormat.json else "")
            raise ConvwrightError(option, expected="--format text, markdown or csv", got=order.form, hint=hint)
    if table.sort:
        require_choice("column", table.sort, ALL_COLUMNS)
    if table.by_stage and table.pattern:
        raise ConvwrightError("--filter", expected="the table of layers", got="--stages", hint="leave one of them out")
    is_whole = order.form is LayersFormat.csv and table.depth is None
    return TableChoice(
        columns=columns_named(table.columns) if table.columns else None,
        depth=_ALL_LEVELS if is_whole else table.depth,
        sort=table.sort,
        pattern=table.pattern,
        by_stage=table.by_stage,
    )


def _report(
    found: "Analysis",
    order: AnalysisOrder,
    choice: "TableChoice",
    times: "LatencyReport | None",
    fit: "MemoryFit | None",
) -> "RenderableType":
    from ..reports.analysis.markdown import analysis_markdown
    from ..reports.analysis.page import analysis_page
    from ..reports.analysis.table_csv import analysis_csv
    from ..reports.analysis.text import analysis_text
    from ..reports.to_json import as_json
    from ..reports.to_text import as_string

    if order.form is LayersFormat.json:
        more = {"latency": times.to_dict() if times else None, "fits": fit.to_dict() if fit else None}
        return as_json(found.to_dict() | more)
    if order.form is LayersFormat.html:
        return analysis_page(found) if order.table.depth is None else analysis_page(found, depth=order.table.depth)
    if order.form is LayersFormat.markdown:
        return analysis_markdown(found, choice)
    if order.form is LayersFormat.csv:
        return analysis_csv(found, choice)
    if order.width is None:
        return as_string(analysis_text(found, choice))
    return analysis_text(found, choice, width=order.width)
