"""`convwright analyze`: what a network is."""

import gc
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ..child_process import DEFAULT_SECONDS, announce
from ._arguments import (
    Arguments,
    Inputs,
    MemoryLimit,
    Model,
    NoValues,
    Output,
    RunAll,
    TimeLimit,
    format_option,
    latency_help,
    put,
    resolve,
    shapes,
)
from ._own_process import call_for, limits_of, steps_shown

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..analysis.facts import Analysis
    from ..networks import Network


class ReportFormat(StrEnum):
    """Format of a report on a network."""

    text = "text"
    json = "json"
    markdown = "markdown"
    html = "html"


def analyze(
    model: Model,
    inputs: Inputs = None,
    arguments: Arguments = None,
    run_all: RunAll = False,
    no_values: NoValues = False,
    time_limit: TimeLimit = DEFAULT_SECONDS,
    memory_limit: MemoryLimit = None,
    depth: Annotated[int, typer.Option(min=1, help="Number of levels of the module tree to show.")] = 3,
    by_stage: Annotated[bool, typer.Option("--stages", help="One line per resolution instead of the tree.")] = False,
    latency: Annotated[bool, typer.Option("--latency", help=latency_help)] = False,
    compiled: Annotated[bool, typer.Option("--compile", help="Measure latency through torch.compile, too.")] = False,
    form: Annotated[ReportFormat, format_option] = ReportFormat.text,
    output: Output = None,
) -> None:
    """State shapes, receptive field, parameters, MACs and memory of any network, from shapes alone where they suffice.

    `convwright analyze resnet50 --stages`

    `convwright analyze timm:convnext_tiny --input 3x288x288 --depth 2`

    `convwright analyze net.py:Net --arg num_classes=10 --input 1x28x28 --format html -o net.html`
    """
    from rich.console import Console

    gc.freeze()  # what was imported stays: a search of it for garbage takes longer than the analysis
    console = Console()
    is_shown = form is ReportFormat.text and output is None
    order = AnalysisOrder(
        model=model,
        inputs=inputs,
        arguments=arguments,
        run_all=run_all,
        values=not no_values,
        depth=depth,
        by_stage=by_stage,
        latency=latency,
        compiled=compiled,
        form=form,
        width=console.width if is_shown else None,
    )
    with steps_shown():
        report, times = call_for(model, _analyzed, order, limits=limits_of(time_limit, memory_limit))
    if isinstance(report, str):
        put(report, output)
    else:
        console.print(report)
    for each in times:
        (console if is_shown else Console(stderr=output is None)).print(each)


@dataclass(frozen=True, kw_only=True)
class AnalysisOrder:
    """A call of `convwright analyze`; `width` is that of the terminal, None where the report goes into a file."""

    model: str
    inputs: list[str] | None
    arguments: list[str] | None
    run_all: bool
    values: bool
    depth: int
    by_stage: bool
    latency: bool
    compiled: bool
    form: ReportFormat
    width: int | None


def _analyzed(order: AnalysisOrder) -> "tuple[RenderableType, list[RenderableType]]":
    """Return the report, as a text if it is for a file, and the tables of latency."""
    from ..analysis.analyze import analyze as facts_of

    announce(f"analyzing {order.model}")
    network = resolve(order.model, order.arguments, computes=order.latency, run_all=order.run_all)
    found = facts_of(network.module, shapes(network, order.inputs), label=network.label, values=order.values)
    report = _report(found, order)
    return report, _times(network, found, compiled=order.compiled) if order.latency else []


def _report(found: "Analysis", order: AnalysisOrder) -> "RenderableType":
    from ..reports.analysis.markdown import analysis_markdown
    from ..reports.analysis.page import analysis_page
    from ..reports.analysis.text import analysis_text
    from ..reports.to_json import as_json
    from ..reports.to_text import as_string

    if order.form is ReportFormat.json:
        return as_json(found.to_dict())
    if order.form is ReportFormat.html:
        return analysis_page(found, depth=order.depth)
    if order.form is ReportFormat.markdown:
        return analysis_markdown(found, depth=order.depth, by_stage=order.by_stage)
    if order.width is None:
        return as_string(analysis_text(found, depth=order.depth, by_stage=order.by_stage))
    return analysis_text(found, depth=order.depth, by_stage=order.by_stage, width=order.width)


def has_one_image(found: "Analysis") -> bool:
    """Return True if a network has one input, of floating point: what its latency is measured with."""
    return len(found.graph.inputs) == 1 and found.graph.inputs[0].dtype.is_floating_point


def _times(network: "Network", found: "Analysis", *, compiled: bool) -> "list[RenderableType]":
    from rich.text import Text

    from ..analysis.latency import measure_latency, measure_modules
    from ..analysis.roofline import measure_machine, roofline
    from ..errors import ConvwrightError
    from ..reports.analysis.latency import latency_table, module_times, roofline_note

    if not has_one_image(found):
        words = "not measured: latency is that of a network with one input of floating point"
        return [Text(words, style="yellow")]
    shape = found.input_shapes[0][1:]
    modes = [(batch, precision, False) for batch in (1, 16) for precision in ("fp32", "bf16")]
    modes += [(batch, "fp32", True) for batch in (1, 16)] if compiled else []
    measured = []
    shown: list[RenderableType] = []
    for batch, precision, through_compile in modes:
        announce(f"measuring batch {batch}, {precision}{', compiled' if through_compile else ''}", is_limited=False)
        try:
            measured.append(
                measure_latency(network.module, shape, batch_size=batch, precision=precision, compiled=through_compile)
            )
        except ConvwrightError as error:
            shown.append(Text(f"not measured: {error}", style="yellow"))
    shown.append(latency_table(measured))
    announce("measuring modules and the machine", is_limited=False)
    times = measure_modules(network.module, shape)
    best = roofline(found.graph, [row.macs for row in found.ops], measure_machine())
    return [*shown, module_times(times), Text(roofline_note(best, measured[0] if measured else None), style="dim")]
