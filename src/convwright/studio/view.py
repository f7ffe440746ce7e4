"""A design, looked at: what is known of its network, or the sentence that says why there is none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from torch import nn
from torch.nn.modules.module import register_module_module_registration_hook

from ..analysis.facts import Analysis
from ..errors import ConvwrightError
from ..graph.target import Target
from ..linter import lint
from ..linter.finding import Finding
from ..linter.report import Folded
from ..reports.rows import Row, tree_rows

MOST_MODULES = 10_000  # several times the largest network of the zoo, and some seconds of work


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """What a page shows of a design.

    Attributes
    ----------
    label : str
        What the network is called.
    problem : str
        Why it cannot be built or run; "" when it can.
    analysis : Analysis or None
        Its facts, where it runs.
    findings : tuple of Folded
        What the linter says, the gravest first.
    has_source : bool
        Whether it comes from a file, whose lines the findings name.
    """

    label: str
    problem: str = ""
    analysis: Analysis | None = field(default=None, repr=False)
    findings: tuple[Folded, ...] = ()
    has_source: bool = False


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A line of the table of layers.

    Attributes
    ----------
    row : Row
        Its cells.
    findings : tuple of Finding
        Those about it that no line below it is nearer to.
    """

    row: Row
    findings: tuple[Finding, ...] = ()


def view_of(load: Callable[[], Target], label: str, input_shape: Sequence[int] | None = None) -> View:
    """Build a network and look at it; nothing is computed, and nothing is raised for a network that does not work.

    Parameters
    ----------
    load : callable
        Builds it.
    label : str
        What to call it.
    input_shape : sequence of int, optional
        Batch included; the network's own when left out.
    """
    try:
        with _at_most_modules(MOST_MODULES):
            target = load()
        shape = tuple(input_shape or target.default_input)
        report = lint(target.model, shape, label=label, call_sites=target.call_sites)
    except ConvwrightError as error:
        return View(label=label, problem=str(error))
    except Exception as error:  # a layer's own words for arguments that clash
        return View(label=label, problem=f"{label} cannot be built like this: {_first_line(error)}")
    problem = "" if report.analysis else f"{label} does not run on an input of {'x'.join(map(str, shape))}"
    return View(
        label=label,
        problem=problem,
        analysis=report.analysis,
        findings=report.folded,
        has_source=bool(target.call_sites),
    )


def layers_of(view: View, depth: int) -> list[Layer]:
    """The table of layers down to `depth` levels, each finding at the lowest line that its layer is in.

    A finding of a network that does not run, or of the whole network, is in the first line if there is any.
    """
    if view.analysis is None:
        return []
    rows = tree_rows(view.analysis, depth)
    at: Mapping[int, list[Finding]] = {number: [] for number in range(len(rows))}
    for folded in view.findings:
        for number in sorted({_home(rows, path) for path in folded.paths}):
            at[number].append(folded.first)
    return [Layer(row=row, findings=tuple(at[number])) for number, row in enumerate(rows)]


def place_of(layers: Sequence[Layer], path: str) -> int:
    """The number of the lowest line that the layer at `path` is in."""
    return _home([layer.row for layer in layers], path)


def _home(rows: Sequence[Row], path: str) -> int:
    holders = [number for number, row in enumerate(rows) if _holds(row, path)]
    return max(holders, key=lambda number: rows[number].level, default=0)


def _holds(row: Row, path: str) -> bool:
    """Whether the layer at `path` is the row's, below it, or in one of the neighbours that it stands for."""
    first, last = (part.split(".") if part else [] for part in row.paths)
    parts = path.split(".")[: len(first)] if path else []
    if parts == first:
        return True
    if len(parts) != len(first) or parts[:-1] != first[:-1]:
        return False
    numbers = [part[-1] for part in (first, parts, last)]
    if not all(map(str.isdigit, numbers)):
        return False
    low, here, high = map(int, numbers)
    return low <= here <= high


@contextmanager
def _at_most_modules(limit: int) -> Iterator[None]:
    """Refuse to build more than `limit` modules: a slip of a digit must not take all day."""
    count = 0

    def counted(_parent: nn.Module, _name: str, _child: nn.Module | None) -> None:
        nonlocal count
        count += 1
        if count > limit:
            raise ConvwrightError("this network", expected=f"at most {limit:,} modules", hint="make it shallower")

    handle = register_module_module_registration_hook(counted)
    try:
        yield
    finally:
        handle.remove()


def _first_line(error: Exception) -> str:
    """What an error says, without the stack that torch appends."""
    return str(error).partition("\n")[0] or type(error).__name__
