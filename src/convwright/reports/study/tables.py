"""The words and numbers of a study that every format shows."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ... import units
from ...statistics import CONFIDENCE, LEAST_FOR_BCA, Estimate
from ...studies.answer import p_value
from ...studies.comparisons import Difference, seeds_needed
from ...studies.metric import Metric
from ...studies.power import POWER
from ...studies.summary import ArmSummary, StudySummary
from ..sheet import Sheet

COST_TITLES = {
    "parameters": "parameters",
    "macs": "MACs",
    "activation_bytes": "kept for backward",
    "receptive_field_px": "field, px",
}
_OPTIONS = ("data", "seeds", "arms")  # of the command; all other overrides are the recipe's


def arm_sheet(summary: StudySummary) -> Sheet:
    """An arm a line: what it costs, what it reached, and how that differs from what it is compared with."""
    metric, bootstrapped = summary.metric, any(arm.difference and arm.difference.bca_interval for arm in summary.arms)
    level, gap = ("%", "points") if metric.is_share else ("", "")
    titles = (
        "arm", "verdict", "parameters", "MACs", _titled(metric.title, level), "n", "95 % interval",
        _titled(f"less {summary.common_reference or 'the other'}", gap), *["bootstrap"] * bootstrapped, "p, corrected",
    )  # fmt: skip
    lines = [
        (arm.name, _verdict(arm, summary), *_costs(arm, ("parameters", "macs")), *_level(arm, metric),
         *_difference(arm, metric, bootstrapped))
        for arm in summary.arms
    ]  # fmt: skip
    return Sheet(titles=titles, lines=lines, num_words=2)


def claim_sheet(summary: StudySummary) -> Sheet:
    """What is said of each arm beside what was measured."""
    told = [arm for arm in summary.arms if arm.claim]
    held = any(arm.agreement for arm in told)
    titles = ("arm", "what is said", "what was measured", *["expected"] * held)
    lines = [(arm.name, arm.claim, _measured(arm, summary), *[_expectation(arm)] * held) for arm in told]
    return Sheet(titles=titles, lines=lines, num_words=len(titles))


def value_sheet(summary: StudySummary) -> Sheet:
    """Everything else that was measured, and the other costs."""
    costs = [name for name in COST_TITLES if all(arm.costs.get(name) for arm in summary.arms)]
    costs = [name for name in costs if name not in ("parameters", "macs")]
    shown = {name: metric for name, metric in summary.metrics.items() if name != summary.metric.name}
    titles = ["arm", *(_titled(metric.title, "%" if metric.is_share else "") for metric in shown.values())]
    lines = [
        (
            arm.name,
            *(spread_words(arm.estimates.get(name), metric) for name, metric in shown.items()),
            *_costs(arm, costs),
        )
        for arm in summary.arms
    ]
    return Sheet(titles=(*titles, *(COST_TITLES[name] for name in costs)), lines=lines)


def run_sheet(result: Mapping[str, Any], metric: Metric) -> Sheet:
    """What every run reached: a row an arm, a column a seed."""
    values = {
        arm["name"]: {run["seed"]: metric.number(run["values"][metric.name]) for run in arm["runs"]}
        for arm in result["arms"]
    }
    seeds = sorted({seed for by_seed in values.values() for seed in by_seed})
    lines = [(name, *(by_seed.get(seed, "") for seed in seeds)) for name, by_seed in values.items()]
    return Sheet(titles=("arm", *(f"seed {seed}" for seed in seeds)), lines=lines)


def power_sheet(summary: StudySummary) -> Sheet:
    """How many seeds would settle differences of a few sizes, at the spread that was seen."""
    compared = [arm for arm in summary.arms if arm.difference and arm.seeds_to_settle]
    gaps = list(compared[0].seeds_to_settle) if compared else []
    lines = [
        (arm.name, summary.metric.number(arm.difference.estimate.standard_deviation or 0.0),
         *(f"{number:,}" for number in arm.seeds_to_settle.values()))
        for arm in compared if arm.difference
    ]  # fmt: skip
    titles = ("arm", "spread of the differences, points", *(f"seeds for {100 * gap:g}" for gap in gaps))
    return Sheet(titles=titles, lines=lines)


def study_notes(result: Mapping[str, Any], summary: StudySummary) -> list[str]:
    """What a reader has to know before believing the numbers."""
    notes = [f"{arm.name} failed with seed {_listed(arm.failed_seeds)}: its means are of the other seeds."
             for arm in summary.arms if arm.failed_seeds]  # fmt: skip
    notes += [_held(cost, share, summary) for cost, share in result["hold_equal"].items()]
    for arm in result["arms"]:
        if kinds := arm["costs"]["uncounted"]:
            notes.append(f"{arm['name']} has ops that nothing counts ({', '.join(kinds)}): its MACs are more.")
    if result["num_missing"]:
        notes.append(f"{result['num_missing']} runs are still to be done.")
    if result["overrides"]:
        notes.append(f"Run otherwise than the study says: {', '.join(result['overrides'])}.")
    compared = [arm.difference for arm in summary.arms if arm.difference]
    needed = seeds_needed(max(len(compared), 1))
    fewest = min((len(each.seeds) for each in compared), default=needed)
    if fewest < needed:
        arms = "an arm" if len(compared) == 1 else f"{len(compared)} arms"
        others = summary.common_reference or "others"
        notes.append(
            f"With {fewest} common seeds no p below 0.05 is possible: telling {arms} from {others} takes {needed} by "
            f"a sign-flip test{' and the correction for several arms' if len(compared) > 1 else ''}."
        )
    if spread := summary.set_spread:
        notes.append(_set_note(spread.num_images, spread.standard_error, spread.interval, summary))
    return notes


def method_notes(summary: StudySummary) -> list[str]:
    """How the numbers were made."""
    notes = [
        "Mean and standard deviation over seeds, after the last epoch; a seed gives all arms the same data order.",
        f"Intervals of {CONFIDENCE:.0%} are Student's, of each arm by itself. In simulations they cover 95 % from two "
        "seeds on if the values are normal, less if they are skewed or a run fails by far.",
        "p: sign-flip test of the paired differences, with Holm's correction for the number of arms. An arm is called "
        "better or worse where it is below 0.05, and not distinguishable otherwise; that is not to say equal.",
    ]
    if any(arm.difference and arm.difference.bca_interval for arm in summary.arms):
        notes.append(
            f"Bootstrap: bias-corrected and accelerated, from {LEAST_FOR_BCA} seeds on. It assumes no shape, but is "
            "too narrow for few seeds: it covered 90 % at 10 and 93 % at 30 normal values."
        )
    if any(arm.seeds_to_settle for arm in summary.arms):
        notes.append(
            f"Seeds that settle a difference: enough to find it {POWER:.0%} of the time, were it true and its spread "
            "the one seen, which few seeds know only roughly."
        )
    return notes


def command_of(result: Mapping[str, Any]) -> str:
    """The command that runs the study again as it was run."""
    words = ["convwright", "study", "run", result["study"], "--budget", result["budget"]]
    for override in result["overrides"]:
        name, _, value = override.partition("=")
        if name == "arms":
            words += [word for arm in value.split(",") for word in ("--arm", arm)]
        else:
            words += [f"--{name}", value] if name in _OPTIONS else ["--set", override]
    return shlex.join(words)


def front_note(summary: StudySummary) -> str:
    """Which arms no other beats at their cost."""
    fronts = [
        f"{COST_TITLES[cost]}: {', '.join(names)}"
        for cost, names in summary.fronts.items()
        if cost in plotted_costs(summary)
    ]
    return f"No other arm is as good for less. By {'; by '.join(fronts)}." if fronts else ""


def plotted_costs(summary: StudySummary) -> list[str]:
    """The costs in which the arms differ by more than 5 %."""
    found = []
    for cost in ("macs", "parameters"):
        values = [arm.costs.get(cost, 0) for arm in summary.arms if summary.metric.name in arm.estimates]
        if len(values) > 1 and min(values) > 0 and max(values) > 1.05 * min(values):
            found.append(cost)
    return found


def _titled(title: str, unit: str) -> str:
    return f"{title}, {unit}" if unit else title


def _costs(arm: ArmSummary, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(_cost(name, arm.costs[name]) if name in arm.costs else "" for name in names)


def _cost(name: str, value: float) -> str:
    if name.endswith("_bytes"):
        return units.bytes_(value)
    return f"{value:g}" if name.endswith("_px") else units.count(value)


def spread_words(found: Estimate | None, metric: Metric) -> str:
    """Mean and standard deviation."""
    if found is None:
        return ""
    deviation = found.standard_deviation
    return metric.number(found.mean) + (f" ± {metric.number(deviation)}" if deviation is not None else "")


def interval_words(found: tuple[float, float] | None, metric: Metric, *, signed: bool = False) -> str:
    """From where to where."""
    return f"{metric.number(found[0], signed=signed)} to {metric.number(found[1], signed=signed)}" if found else "none"


def _level(arm: ArmSummary, metric: Metric) -> tuple[str, str, str]:
    found = arm.estimates.get(metric.name)
    return (
        (spread_words(found, metric), str(len(found.values)), interval_words(found.interval, metric))
        if found
        else ("", "0", "")
    )


def _difference(arm: ArmSummary, metric: Metric, bootstrapped: bool) -> tuple[str, ...]:
    found = arm.difference
    if found is None:
        return ("", *[""] * bootstrapped, "")
    interval = found.estimate.interval
    span = f" ({interval_words(interval, metric, signed=True)})" if interval else ""
    bootstrap = [interval_words(found.bca_interval, metric, signed=True)] * bootstrapped
    return (
        metric.number(found.estimate.mean, signed=True) + span,
        *bootstrap,
        p_value(found.p_holm).removeprefix("p ").removeprefix("= "),
    )


def _verdict(arm: ArmSummary, summary: StudySummary) -> str:
    if arm.name == summary.baseline:
        return "baseline"
    return verdict_words(arm.difference, summary) if arm.difference else "no common seeds"


def verdict_words(found: Difference, summary: StudySummary) -> str:
    """The verdict; in a study whose arms are compared with several, with the name of the other."""
    joined = "" if summary.common_reference else found.verdict.joined
    return f"{found.verdict} {joined} {found.against}" if joined else str(found.verdict)


def _expectation(arm: ArmSummary) -> str:
    return f"{arm.expected}: {arm.agreement}" if arm.agreement else arm.expected or ""


def _measured(arm: ArmSummary, summary: StudySummary) -> str:
    found, metric = arm.estimates.get(summary.metric.name), summary.metric
    if found is None:
        return "nothing yet"
    if arm.difference is None:
        return f"{metric.level(found.mean)}, n = {len(found.values)}"
    gap = metric.gap(arm.difference.estimate.mean, signed=True)
    return f"{gap}, n = {len(arm.difference.seeds)}: {verdict_words(arm.difference, summary)}"


def _set_note(num_images: int, error: float, interval: tuple[float, float], summary: StudySummary) -> str:
    metric, baseline = summary.metric, next(arm for arm in summary.arms if arm.name == summary.baseline)
    deviation = baseline.estimates[metric.name].standard_deviation
    seeds = f"; its seeds spread by {metric.gap(deviation)}" if deviation is not None else ""
    return (
        f"The {num_images:,} test images are a sample too: {summary.baseline}'s accuracy has a standard error of "
        f"{metric.gap(error)} from their choice ({metric.number(interval[0])} to {metric.level(interval[1])}){seeds}. "
        "All arms see the same images, so that their differences move less."
    )


def _held(cost: str, share: float, summary: StudySummary) -> str:
    costs = {arm.name: arm.costs[cost] for arm in summary.arms}
    bases = {arm.name: costs[arm.against or arm.name] for arm in summary.arms}
    apart = [name for name, base in bases.items() if abs(costs[name] - base) > share * base]
    but = f", but for those meant to differ: {', '.join(apart)}" if apart else ""
    return f"Held equal, by proof before training: {COST_TITLES[cost]} within {units.percent(share)}{but}."


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
