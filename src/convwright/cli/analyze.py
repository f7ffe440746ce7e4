"""`convwright analyze`: what a network is."""

import gc
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ._arguments import Arguments, Inputs, Model, Output, RunAll, format_option, latency_help, put, resolve, shapes

if TYPE_CHECKING:
    from rich.console import Console

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
    depth: Annotated[int, typer.Option(min=1, help="Number of levels of the module tree to show.")] = 3,
    by_stage: Annotated[bool, typer.Option("--stages", help="One line per resolution instead of the tree.")] = False,
    latency: Annotated[bool, typer.Option("--latency", help=latency_help)] = False,
    compiled: Annotated[bool, typer.Option("--compile", help="Measure latency through torch.compile, too.")] = False,
    form: Annotated[ReportFormat, format_option] = ReportFormat.text,
    output: Output = None,
) -> None:
    """State shapes, receptive field, parameters, MACs and memory of any network, without computing anything.

    `convwright analyze resnet50 --stages`

    `convwright analyze timm:convnext_tiny --input 3x288x288 --depth 2`

    `convwright analyze net.py:Net --arg num_classes=10 --input 1x28x28 --format html -o net.html`
    """
    from rich.console import Console

    from ..analysis.analyze import analyze as facts_of
    from ..reports.analysis.text import analysis_text

    gc.freeze()  # what was imported stays: a search of it for garbage takes longer than the analysis
    network = resolve(model, arguments, computes=latency, run_all=run_all)
    found = facts_of(network.module, shapes(network, inputs), label=network.label)
    if form is ReportFormat.text and output is None:
        console = Console()
        console.print(analysis_text(found, depth=depth, by_stage=by_stage, width=console.width))
        if latency:
            _print_latency(console, network, found, compiled=compiled)
        return
    put(_report(found, form, depth=depth, by_stage=by_stage), output)
    if latency:
        _print_latency(Console(stderr=output is None), network, found, compiled=compiled)


def _report(found: "Analysis", form: ReportFormat, *, depth: int, by_stage: bool) -> str:
    from ..reports.analysis.markdown import analysis_markdown
    from ..reports.analysis.page import analysis_page
    from ..reports.analysis.text import analysis_text
    from ..reports.to_json import as_json
    from ..reports.to_text import as_string

    if form is ReportFormat.json:
        return as_json(found.to_dict())
    if form is ReportFormat.html:
        return analysis_page(found, depth=depth)
    if form is ReportFormat.markdown:
        return analysis_markdown(found, depth=depth, by_stage=by_stage)
    return as_string(analysis_text(found, depth=depth, by_stage=by_stage))


def has_one_image(found: "Analysis") -> bool:
    """Return True if a network has one input, of floating point: what its latency is measured with."""
    return len(found.graph.inputs) == 1 and found.graph.inputs[0].dtype.is_floating_point


def _print_latency(console: "Console", network: "Network", found: "Analysis", *, compiled: bool) -> None:
    from ..analysis.latency import measure_latency, measure_modules
    from ..analysis.roofline import measure_machine, roofline
    from ..errors import ConvwrightError
    from ..reports.analysis.latency import latency_table, module_times, roofline_note

    if not has_one_image(found):
        console.print("not measured: latency is that of a network with one input of floating point", style="yellow")
        return
    shape = found.input_shapes[0][1:]
    modes = [(batch, precision, False) for batch in (1, 16) for precision in ("fp32", "bf16")]
    modes += [(batch, "fp32", True) for batch in (1, 16)] if compiled else []
    measured = []
    for batch, precision, through_compile in modes:
        with console.status(f"measuring batch {batch}, {precision}{', compiled' if through_compile else ''} ..."):
            try:
                measured.append(
                    measure_latency(
                        network.module, shape, batch_size=batch, precision=precision, compiled=through_compile
                    )
                )
            except ConvwrightError as error:
                console.print(f"not measured: {error}", style="yellow", markup=False)
    console.print(latency_table(measured))
    with console.status("measuring modules and the machine ..."):
        times = measure_modules(network.module, shape)
        best = roofline(found.graph, [row.macs for row in found.ops], measure_machine())
    console.print(module_times(times))
    console.print(roofline_note(best, measured[0] if measured else None), style="dim")
