"""Run the rules over a network."""

import linecache
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import cast

from torch import nn

from ..analysis.analyze import analysis_of
from ..analysis.facts import Analysis
from ..discover import discover
from ..errors import ConvwrightError, require_choice, unknown
from ..graph import Place, trace
from ..graph.call_sites import CallSite
from ..graph.construction import construction_place
from ..graph.failure import CallError
from ..graph.inputs import Inputs
from ..graph.modes import in_mode
from ..graph.module_tree import ModuleTree, unwrap
from ..graph.value_read import value_notes
from .finding import Finding
from .ignore import is_ignored
from .linted_network import LintedNetwork
from .report import Report
from .rule import TOPICS, Rule
from .settings import Settings


def all_rules() -> dict[str, Rule]:
    """Every rule by code, the folder is the list.

    Raises
    ------
    ConvwrightError
        When two rules have one code.
    """
    found: dict[str, Rule] = {}
    for rule_class in cast(dict[str, type[Rule]], discover(f"{__package__}.rules", "RULE")).values():
        if rule_class.code in found:
            other = found[rule_class.code].name
            raise ConvwrightError(f"{rule_class().name} and {other} have the same code {rule_class.code}")
        found[rule_class.code] = rule_class()
    return dict(sorted(found.items()))


def next_code(topic: str) -> str:
    """Return the code after the highest one of a topic, for a new rule; raise `ConvwrightError` for no topic.

    >>> next_code("shape") > max(code for code in all_rules() if code.startswith("CW1"))
    True
    """
    require_choice("topic", topic, TOPICS)
    first = 100 * (1 + TOPICS.index(topic))
    return f"CW{max([first, *(int(code[2:]) for code, rule in all_rules().items() if rule.topic == topic)]) + 1}"


def selected(settings: Settings) -> tuple[Rule, ...]:
    """The rules that `settings` ask for, by code.

    Raises
    ------
    ConvwrightError
        For a code or name that no rule has, with the nearest ones.
    """
    wanted = {code for text in settings.select for code in _meant(text)}
    unwanted = {code for text in settings.ignore for code in _meant(text)}
    return tuple(rule for code, rule in all_rules().items() if code in wanted - unwanted)


def _meant(text: str) -> set[str]:
    known = all_rules()
    if text == "default":
        return {code for code, rule in known.items() if rule.is_default}
    named = {code for code, rule in known.items() if rule.name == text or code == text}
    # A whole topic leaves out what is off by itself: only its own code or name turns such a rule on.
    begun = {
        code for code, rule in known.items() if text.startswith("CW") and code.startswith(text) and rule.is_default
    }
    if not named | begun:
        raise unknown("rule", text, [*known, *(rule.name for rule in known.values()), "default"])
    return named or begun


def lint(
    model: nn.Module,
    inputs: Inputs,
    *,
    settings: Settings | None = None,
    label: str = "",
    call_sites: Mapping[str, CallSite] | None = None,
    analysis: Analysis | None = None,
    values: bool = True,
) -> Report:
    """Say what is wrong with a network, and leave it as it was; it is computed only where its path depends on numbers.

    Parameters
    ----------
    model : nn.Module
        In the mode it is about to be trained or used in. It is traced in eval mode, a dropout in training mode.
    inputs : shape, tensor, sequence of either, or mapping of argument name to either
        As for `graph.trace`.
    settings : Settings, optional
        Which rules, and what the network is for.
    label : str
        What to call the network; its class when left out.
    call_sites : mapping of str to CallSite, optional
        The expression that made each module, by path, where it was recorded; else lines are found in the source.
    analysis : Analysis, optional
        Of this very model at these inputs, in eval mode; made here when left out.
    values : bool
        As for `graph.trace`: False never computes.

    Raises
    ------
    ConvwrightError
        When the network cannot be traced, or the settings name an unknown rule.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    >>> [(finding.code, finding.path) for finding in lint(net, (1, 3, 32, 32)).findings]
    [('CW301', '0')]
    """
    settings = settings or Settings()
    chosen, model = selected(settings), _unwrapped(model)
    with ExitStack() as modes:
        look = analysis or partial(_facts, model, inputs, label=label, values=values)
        net, assumed = _looked_at(modes, model, look, settings)
        asked = [rule for rule in chosen if (net.failure if rule.reads_failures else net.found) is not None]
        raw = [finding for rule in asked for finding in rule.check(net)]
    if net.failure is not None and not raw:
        raise net.failure
    return _report(net, raw, label, call_sites or {}, assumed)


def _report(
    net: LintedNetwork, raw: Iterable[Finding], label: str, sites: Mapping[str, CallSite], assumed: tuple[str, ...]
) -> Report:
    return Report(
        label=label or type(net.model).__name__,
        model=net.model,
        findings=tuple(_with_locations(raw, net, sites)),
        analysis=net.found,
        call_sites=sites,
        assumptions=(*assumed, *(value_notes(net.found.graph.depends_on_values) if net.found else ())),
    )


class NothingComputedError(ConvwrightError):
    """Network that computes nothing from an input, such as a dropout in eval mode."""


def _facts(model: nn.Module, inputs: Inputs, *, label: str, values: bool) -> Analysis:
    graph = trace(model, inputs, values=values)
    if not graph.ops or not graph.inputs:
        raise NothingComputedError(
            f"{graph.model_type} computes nothing from an input",
            hint="in eval mode dropout and its like pass their input on",
        )
    return analysis_of(graph, label=label)


def _unwrapped(model: nn.Module) -> nn.Module:
    if not isinstance(model, nn.Module):
        raise ConvwrightError("lint", expected="an nn.Module", got=type(model).__name__, hint="build the model first")
    return unwrap(model)


def _looked_at(
    modes: ExitStack,
    model: nn.Module,
    look: Analysis | Callable[[], Analysis],
    settings: Settings,
) -> tuple[LintedNetwork, tuple[str, ...]]:
    """Enter eval mode, or training mode where the network computes nothing otherwise; return it, and what is assumed.

    One that never computes has no facts; it is an error if it has weights.
    """
    training = {path: module.training for module, paths in ModuleTree(model).modules.values() for path in paths}
    modes.enter_context(in_mode(model, training=False))
    try:
        return _linted_network(model, look, settings, training), ()
    except NothingComputedError as error:
        modes.enter_context(in_mode(model, training=True))
        try:
            net = _linted_network(model, look, settings, training)
        except NothingComputedError:
            if next(model.parameters(), None) is None:
                return LintedNetwork(model=model, training=training, settings=settings), ("it computes nothing",)
            raise error from None
        except ConvwrightError as failure:
            raise error from failure
        if net.failure is not None:
            raise error from net.failure
        return net, ("training mode: it computes nothing in eval mode",)


def _linted_network(
    model: nn.Module, look: Analysis | Callable[[], Analysis], settings: Settings, training: Mapping[str, bool]
) -> LintedNetwork:
    try:
        found = look if isinstance(look, Analysis) else look()
    except CallError as failure:
        return LintedNetwork(model=model, training=training, settings=settings, failure=failure)
    return LintedNetwork(model=model, training=training, settings=settings, found=found)


def _with_locations(
    findings: Iterable[Finding], net: LintedNetwork, sites: Mapping[str, CallSite]
) -> Iterator[Finding]:
    """Attach source lines to the findings, and drop those that a comment on such a line suppresses."""
    linecache.checkcache()  # a file may have been edited since its lines were last read
    call = net.failure.call if net.failure else None
    for finding in findings:
        called = finding.op.place if finding.op else call.place if call else None
        located = replace(finding, built=_built(finding, net, sites), called=called)
        if not is_ignored(located, sites.get(finding.path)):
            yield located


def _built(finding: Finding, net: LintedNetwork, sites: Mapping[str, CallSite]) -> Place | None:
    if finding.op is not None and net.is_inner_call(finding.op):
        return None  # where the block was built says nothing of a call in its forward
    if finding.path in sites:
        return sites[finding.path].place
    if net.failure and net.failure.call and finding.path:
        return construction_place(finding.path, net.failure.call.tree.classes())
    return net.found.graph.constructed(finding.path) if net.found and finding.path else None
