"""A design, looked at: what is known of its network, or the sentence that says why there is none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from torch import nn
from torch.nn.modules.module import register_module_module_registration_hook

from ...analysis.analyze import analyze
from ...analysis.facts import Analysis
from ...errors import ConvwrightError
from ...graph.call_sites import CallSite
from ...graph.modes import in_mode
from ...linter import Report, lint
from ...linter.finding import Finding
from ...linter.report import FindingGroup
from ...networks import Network
from ...networks.inputs.network_input import NetworkInput, written
from ...reports.analysis.layers import AnalysisRow, tree_rows

MOST_MODULES = 10_000  # several times the largest network of the zoo, and some seconds of work


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """A network with everything that is known of it, or the reason why there is none.

    Attributes
    ----------
    label : str
        What the network is called.
    problem : str
        Why it cannot be built or run; "" when it can.
    analysis : Analysis or None
        Its facts, where it runs.
    inputs : tuple of NetworkInput
        Inputs that it was looked at with.
    call_sites : mapping of str to CallSite
        The expression that made each module, by path.
    lint : callable or None
        Makes the report; None where the network was not built, or another process has made it.
    """

    label: str
    problem: str = ""
    analysis: Analysis | None = field(default=None, repr=False)
    inputs: tuple[NetworkInput, ...] = ()
    call_sites: Mapping[str, CallSite] = field(default_factory=dict, repr=False)
    lint: Callable[[], Report] | None = field(default=None, repr=False)

    @cached_property
    def report(self) -> Report | None:
        """Report of the linter, made when first asked for; None where the network was not built."""
        return self.lint() if self.lint else None

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: the report, and nothing of the network."""
        return {**vars(self), "lint": None, "report": self.report}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what another process sent."""
        report = state["report"]
        vars(self).update(state, report=report.with_analysis(state["analysis"]) if report else None)

    @property
    def findings(self) -> tuple[FindingGroup, ...]:
        """The findings, the gravest first."""
        return self.report.groups if self.report else ()

    @property
    def has_source(self) -> bool:
        """True if findings name lines of a source file."""
        return bool(self.call_sites)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A line of the table of layers.

    Attributes
    ----------
    row : AnalysisRow
        Its cells.
    findings : tuple of Finding
        Those about it that no line below it is nearer to.
    """

    row: AnalysisRow
    findings: tuple[Finding, ...] = ()


def view_of(load: Callable[[], Network], label: str) -> View:
    """Build a network and look at it; nothing is raised for a network that does not work.

    Parameters
    ----------
    load : callable
        Builds it, with the input that it is to be looked at with.
    label : str
        What to call it.
    """
    built = built_by(load, label)
    return built if isinstance(built, View) else view_of_network(built, label)


def built_by(load: Callable[[], Network], label: str) -> Network | View:
    """Return what `load` builds, or the view that says why it does not."""
    try:
        with _at_most_modules(MOST_MODULES):
            return load()
    except Exception as error:
        return View(label=label, problem=_problem(error, label))


def view_of_network(network: Network, label: str) -> View:
    """Look at a network that was built; see `view_of`."""
    try:
        with in_mode(network.module, training=False):
            analysis = analyze(network.module, network.example_inputs, label=label)
    except ConvwrightError as error:
        return _failed(network, label, error)
    except Exception as error:
        return View(label=label, problem=_problem(error, label))
    return _view(network, label, analysis)


def _problem(error: Exception, label: str) -> str:
    """Return an error of ours, or a layer's own words for arguments that clash; torch appends a stack to them."""
    words = str(error).partition("\n")[0] or type(error).__name__
    return str(error) if isinstance(error, ConvwrightError) else f"{label} cannot be built like this: {words}"


def layers_of(view: View, depth: int) -> list[Layer]:
    """Return the table of layers down to `depth` levels, each finding at the lowest line that its layer is in.

    A finding of a network that does not run, or of the whole network, is in the first line if there is any.
    """
    if view.analysis is None:
        return []
    rows = tree_rows(view.analysis, depth)
    at: Mapping[int, list[Finding]] = {number: [] for number in range(len(rows))}
    for group in view.findings:
        for number in sorted({_home(rows, path) for path in group.paths}):
            at[number].append(group.first)
    return [Layer(row=row, findings=tuple(at[number])) for number, row in enumerate(rows)]


def place_of(layers: Sequence[Layer], path: str) -> int:
    """Return the number of the lowest line that the layer at `path` is in."""
    return _home([layer.row for layer in layers], path)


def _home(rows: Sequence[AnalysisRow], path: str) -> int:
    holders = [number for number, row in enumerate(rows) if _holds(row, path)]
    # Of lines with the same path the first is the module's own; the others are functions that it calls.
    return max(holders, key=lambda number: len(_parts(rows[number].paths[0])), default=0)


def _holds(row: AnalysisRow, path: str) -> bool:
    """Return True if the layer at `path` is the row's, below it, or in one of the neighbors that the row stands for."""
    first, last = map(_parts, row.paths)
    parts = _parts(path)[: len(first)]
    if parts == first:
        return True
    if len(parts) != len(first) or parts[:-1] != first[:-1]:
        return False
    numbers = [part[-1] for part in (first, parts, last)]
    if not all(map(str.isdigit, numbers)):
        return False
    low, here, high = map(int, numbers)
    return low <= here <= high


def _parts(path: str) -> list[str]:
    return path.split(".") if path else []


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


def _failed(network: Network, label: str, error: ConvwrightError) -> View:
    """Return a network that does not run, with the findings that say why where there are any."""
    is_given = network.choice.error is None
    problem = f"{label} does not run on an input of {written(network.inputs)}" if is_given else label
    words = f"{problem}: {network.choice.error or error}"
    try:
        _linted(network, label, None)
    except ConvwrightError:
        return View(label=label, problem=words)
    return replace(_view(network, label, None), problem=words)


def _view(network: Network, label: str, analysis: Analysis | None) -> View:
    return View(
        label=label,
        analysis=analysis,
        inputs=network.inputs,
        call_sites=network.call_sites,
        lint=partial(_linted, network, label, analysis),
    )


def _linted(network: Network, label: str, analysis: Analysis | None) -> Report:
    return lint(network.module, network.example_inputs, label=label, call_sites=network.call_sites, analysis=analysis)
