"""Tables and notes of a study that every format shows."""

import shlex
from collections.abc import Sequence

from ... import units
from ...statistics import CONFIDENCE, LEAST_FOR_BCA, Estimate
from ...studies import StudyResult
from ...studies.answer import p_value
from ...studies.comparisons import PairedDifference, seeds_needed
from ...studies.metric import Metric
from ...studies.power import POWER
from ...studies.summary import ArmSummary, SetSpread, StudySummary
from ..sheet import Sheet

COST_TITLES = {
    "parameters": "parameters",
    "macs": "MACs",
    "activation_bytes": "kept for backward",
    "receptive_field_px": "field, px",
}
_OPTIONS = ("data", "seeds", "arms")  # of the command; all other overrides are the recipe's


def arm_sheet(summary: StudySummary) -> Sheet:
    """An arm a line: its costs, what it reached, and how that differs from the arm that it is compared with."""
    metric = summary.metric
    has_bootstrap = any(arm.difference and arm.difference.bca_interval for arm in summary.arms)
    titles = ["arm", "verdict", "parameters", "MACs", _titled(metric), "n", "95 % interval"]
    titles += [f"less {summary.common_reference or 'the other'}{', points' if metric.is_share else ''}"]
    titles += ["bootstrap"] * has_bootstrap + ["p, corrected"]
    lines = []
    for arm in summary.arms:
        found, difference = arm.estimates.get(metric.name), arm.difference
        level = ["", "0", ""]
        if found:
            level = [spread_words(found, metric), str(len(found.values)), interval_words(found.interval, metric)]
        gap = ["", *[""] * has_bootstrap, ""]
        if difference:
            bootstrap = [interval_words(difference.bca_interval, metric, signed=True)] * has_bootstrap
            gap = [difference_words(difference, metric), *bootstrap, p_value(difference.p_holm).lstrip("p= ")]
        costs = (_cost(name, arm.costs[name]) for name in ("parameters", "macs"))
        lines.append((arm.name, _verdict(arm, summary), *costs, *level, *gap))
    return Sheet(titles=tuple(titles), lines=lines, num_words=2)


def claim_sheet(summary: StudySummary) -> Sheet:
    """The claim about each arm beside what was measured."""
    claimed = [arm for arm in summary.arms if arm.claim]
    has_agreement = any(arm.agreement for arm in claimed)
    titles = ("arm", "what is said", "what was measured", *["expected"] * has_agreement)
    lines = []
    for arm in claimed:
        expected = f"{arm.expected}: {arm.agreement}" if arm.agreement else arm.expected or ""
        lines.append((arm.name, arm.claim, _measured(arm, summary), *[expected] * has_agreement))
    return Sheet(titles=titles, lines=lines, num_words=len(titles))


def value_sheet(summary: StudySummary) -> Sheet:
    """All other measured values, and the other costs."""
    costs = [name for name in COST_TITLES if name not in ("parameters", "macs")]
    costs = [name for name in costs if all(arm.costs[name] for arm in summary.arms)]
    shown = {name: metric for name, metric in summary.metrics.items() if name != summary.metric.name}
    titles = ("arm", *map(_titled, shown.values()), *(COST_TITLES[name] for name in costs))
    lines = []
    for arm in summary.arms:
        values = (spread_words(arm.estimates.get(name), metric) for name, metric in shown.items())
        lines.append((arm.name, *values, *(_cost(name, arm.costs[name]) for name in costs)))
    return Sheet(titles=titles, lines=lines)


def run_sheet(result: StudyResult) -> Sheet:
    """The metric of every run: an arm a line, a seed a column."""
    metric = result.summary.metric
    seeds = sorted({run.seed for run in result.runs})
    lines = []
    for arm in result.arms:
        values = arm.values(metric.name)
        lines.append((arm.name, *(metric.number(values[seed]) if seed in values else "" for seed in seeds)))
    return Sheet(titles=("arm", *(f"seed {seed}" for seed in seeds)), lines=lines)


def power_sheet(summary: StudySummary) -> Sheet:
    """Number of seeds that would settle differences of a few sizes, at the spread that was seen."""
    gaps: Sequence[float] = ()
    lines = []
    for arm in summary.arms:
        if arm.difference and arm.seeds_to_settle:
            gaps = list(arm.seeds_to_settle)
            spread = summary.metric.number(arm.difference.estimate.standard_deviation or 0.0)
            lines.append((arm.name, spread, *(f"{number:,}" for number in arm.seeds_to_settle.values())))
    titles = ("arm", "spread of the differences, points", *(f"seeds for {100 * gap:g}" for gap in gaps))
    return Sheet(titles=titles, lines=lines)


def study_notes(result: StudyResult) -> list[str]:
    """Return everything that a reader has to know before believing the numbers."""
    summary, notes = result.summary, []
    for arm in summary.arms:
        if arm.failed_seeds:
            seeds = ", ".join(map(str, arm.failed_seeds))
            notes.append(f"{arm.name} failed with seed {seeds}: its means are of the other seeds.")
    notes += [_held(cost, share, summary) for cost, share in result.hold_equal.items()]
    for each in result.arms:
        if kinds := each.costs.uncounted:
            notes.append(f"{each.name} has ops that nothing counts ({', '.join(kinds)}): its MACs are more.")
    if result.num_missing:
        notes.append(f"{result.num_missing} runs are still to be done.")
    if result.overrides:
        notes.append(f"Run otherwise than the study says: {', '.join(result.overrides)}.")
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
    if summary.set_spread:
        notes.append(_set_note(summary.set_spread, summary))
    return notes


def method_notes(summary: StudySummary) -> list[str]:
    """Return how the numbers were made."""
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


def command_of(result: StudyResult) -> str:
    """Return the command that runs the study again as it was run."""
    words = ["convwright", "study", "run", result.study, "--budget", result.budget]
    for override in result.overrides:
        name, _, value = override.partition("=")
        if name == "arms":
            words += [word for arm in value.split(",") for word in ("--arm", arm)]
        else:
            words += [f"--{name}", value] if name in _OPTIONS else ["--set", override]
    return shlex.join(words)


def front_note(summary: StudySummary) -> str:
    """Return which arms no other beats at their cost."""
    fronts = [
        f"{COST_TITLES[cost]}: {', '.join(names)}"
        for cost, names in summary.fronts.items()
        if cost in plotted_costs(summary)
    ]
    return f"No other arm is as good for less. By {'; by '.join(fronts)}." if fronts else ""


def plotted_costs(summary: StudySummary) -> list[str]:
    """Return the costs in which the arms differ by more than 5 %."""
    found = []
    for cost in ("macs", "parameters"):
        values = [arm.costs[cost] for arm in summary.arms if summary.metric.name in arm.estimates]
        if len(values) > 1 and min(values) > 0 and max(values) > 1.05 * min(values):
            found.append(cost)
    return found


def spread_words(found: Estimate | None, metric: Metric) -> str:
    """Return mean and standard deviation; "" where nothing is known."""
    if found is None:
        return ""
    deviation = found.standard_deviation
    return metric.number(found.mean) + (f" ± {metric.number(deviation)}" if deviation is not None else "")


def interval_words(found: tuple[float, float] | None, metric: Metric, *, signed: bool = False) -> str:
    """Return both ends of an interval; "none" where there is none."""
    return metric.interval(found, signed=signed) if found else "none"


def difference_words(found: PairedDifference, metric: Metric) -> str:
    """Return the mean difference with its interval, where there is one."""
    interval = found.estimate.interval
    span = f" ({metric.interval(interval, signed=True)})" if interval else ""
    return metric.number(found.estimate.mean, signed=True) + span


def verdict_words(found: PairedDifference, summary: StudySummary) -> str:
    """Return the verdict; in a study whose arms are compared with several, with the name of the other."""
    joined = "" if summary.common_reference else found.verdict.joined
    return f"{found.verdict} {joined} {found.against}" if joined else str(found.verdict)


def _titled(metric: Metric) -> str:
    return f"{metric.title}, %" if metric.is_share else metric.title


def _cost(name: str, value: float) -> str:
    if name.endswith("_bytes"):
        return units.bytes_(value)
    return f"{value:g}" if name.endswith("_px") else units.count(value)


def _verdict(arm: ArmSummary, summary: StudySummary) -> str:
    if arm.name == summary.baseline:
        return "baseline"
    return verdict_words(arm.difference, summary) if arm.difference else "no common seeds"


def _measured(arm: ArmSummary, summary: StudySummary) -> str:
    found, metric = arm.estimates.get(summary.metric.name), summary.metric
    if found is None:
        return "nothing yet"
    if arm.difference is None:
        return f"{metric.level(found.mean)}, n = {len(found.values)}"
    gap = metric.gap(arm.difference.estimate.mean, signed=True)
    return f"{gap}, n = {len(arm.difference.seeds)}: {verdict_words(arm.difference, summary)}"


def _set_note(found: SetSpread, summary: StudySummary) -> str:
    metric, baseline = summary.metric, next(arm for arm in summary.arms if arm.name == summary.baseline)
    deviation = baseline.estimates[metric.name].standard_deviation
    seeds = f"; its seeds spread by {metric.gap(deviation)}" if deviation is not None else ""
    low, high = found.interval
    return (
        f"The {found.num_images:,} test images are a sample too: {summary.baseline}'s accuracy has a standard error of "
        f"{metric.gap(found.standard_error)} from their choice ({metric.number(low)} to {metric.level(high)}){seeds}. "
        "All arms see the same images, so that their differences move less."
    )


def _held(cost: str, share: float, summary: StudySummary) -> str:
    costs = {arm.name: arm.costs[cost] for arm in summary.arms}
    bases = {arm.name: costs[arm.against or arm.name] for arm in summary.arms}
    apart = [name for name, base in bases.items() if abs(costs[name] - base) > share * base]
    but = f", but for those meant to differ: {', '.join(apart)}" if apart else ""
    return f"Held equal, by proof before training: {COST_TITLES[cost]} within {units.percent(share)}{but}."
