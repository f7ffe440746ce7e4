"""Options of latency, and measuring it as they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ..child_process import announce
from ..errors import ConvwrightError

if TYPE_CHECKING:
    from ..analysis.facts import Analysis
    from ..analysis.latency import Latency
    from ..networks import Network
    from ..reports.analysis.latency import LatencyReport

_BATCHES, _SECONDS = (1, 16), 2.0


class Precision(StrEnum):
    """Precision in which a network is timed."""

    fp32 = "fp32"
    bf16 = "bf16"


IsMeasured = Annotated[bool, typer.Option("--latency", help="Measure latency on this machine.")]
IsCompiled = Annotated[bool, typer.Option("--compile", help="Measure latency through torch.compile, too.")]
Batches = Annotated[
    list[int] | None,
    typer.Option(
        "--batch",
        min=1,
        show_default="1, 16",
        help="Images in a measured pass, repeatable; with --fits, the batch to train with.",
    ),
]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads of the CPU with which latency is measured.")
]
Precisions = Annotated[
    list[Precision] | None,
    typer.Option("--precision", show_default="both", help="Precision in which latency is measured; repeatable."),
]


@dataclass(frozen=True, kw_only=True)
class LatencyOrder:
    """Runs whose latency is measured; `is_measured` is False where only modules are timed, `by_module` for none."""

    is_measured: bool
    by_module: bool
    compiled: bool
    batches: tuple[int, ...]
    threads: int | None
    precisions: tuple[str, ...]

    @property
    def computes(self) -> bool:
        """True if the network has to run."""
        return self.is_measured or self.by_module


def latency_order(
    is_measured: bool,
    by_module: bool,
    compiled: bool,
    batches: list[int] | None,
    threads: int | None,
    precisions: list[Precision] | None,
) -> LatencyOrder:
    """Return the order that the options give.

    Raises
    ------
    ConvwrightError
        For an option of latency where none is measured.
    """
    given = {"--compile": compiled, "--batch": batches, "--threads": threads, "--precision": precisions}
    for option, value in given.items():
        if value and not (is_measured or by_module):
            raise ConvwrightError(option, expected="--latency, or the column latency, beside it", got="neither")
    return LatencyOrder(
        is_measured=is_measured,
        by_module=by_module or is_measured,
        compiled=compiled,
        batches=tuple(batches or _BATCHES),
        threads=threads,
        precisions=tuple(precisions or Precision),
    )


def measured_latency(network: "Network", found: "Analysis", order: LatencyOrder) -> "LatencyReport":
    """Measure what the order says."""
    from ..analysis.latency import threads_used
    from ..analysis.module_latency import measure_modules
    from ..analysis.roofline import measure_machine, roofline
    from ..reports.analysis.latency import LatencyReport

    problems = []
    measured: list[Latency] = []
    with threads_used(order.threads):
        for run in _runs(network, found, order) if order.is_measured else ():
            if isinstance(run, ConvwrightError):
                problems.append(str(run))
            else:
                measured += run
        announce("measuring modules and the machine", is_limited=False)
        batch, precision = order.batches[0], order.precisions[0]
        modules = None
        if measured or not order.is_measured:
            modules = measure_modules(network.module, found.graph, batch_size=batch, precision=precision)
        best = None
        if order.is_measured:
            best = roofline(found.graph, [row.macs for row in found.ops], measure_machine())
    return LatencyReport(measured=tuple(measured), modules=modules, best=best, problems=tuple(problems))


def _runs(
    network: "Network", found: "Analysis", order: LatencyOrder
) -> "Iterator[tuple[Latency, ...] | ConvwrightError]":
    """Yield the times of each run, or the reason why there are none."""
    from ..analysis.latency import measure_latency, measure_layouts

    for batch in order.batches:
        for precision in order.precisions:
            announce(f"measuring batch {batch}, {precision}", is_limited=False)
            try:
                yield measure_layouts(
                    network.module, found.graph, batch_size=batch, precision=precision, budget_seconds=_SECONDS
                )
            except ConvwrightError as error:
                yield error
        if order.compiled:
            announce(f"measuring batch {batch}, compiled", is_limited=False)
            try:
                yield (measure_latency(network.module, found.graph, batch_size=batch, compiled=True),)
            except ConvwrightError as error:
                yield error
