"""Two results of a study in words: what differs between them, and what each says of every arm."""

from collections.abc import Mapping
from typing import Any

from ...studies.comparisons import Difference
from ...studies.metric import Metric
from ...studies.summary import ArmSummary, StudySummary
from ...studies.two_results import ArmTwice, TwoResults
from ..sheet import Sheet
from ..to_html import flat
from .tables import interval_words, spread_words, verdict_words

_SETTINGS = ("study", "budget", "overrides", "hold_equal", "recipe", "data")


def settings_sheet(first: Mapping[str, Any], second: Mapping[str, Any]) -> Sheet:
    """The settings in which two results differ, machines and versions among them."""
    told = [_settings(each) for each in (first, second)]
    names = [name for name in {**told[0], **told[1]} if told[0].get(name) != told[1].get(name)]
    lines = [(name, told[0].get(name, ""), told[1].get(name, "")) for name in names]
    return Sheet(titles=("setting", "first", "second"), lines=lines, num_words=3)


def level_sheet(found: TwoResults) -> Sheet:
    """What each arm reached in either, and the difference with its interval."""
    metric = found.metric
    unit, gap = (", %", ", points") if metric.is_share else ("", "")
    titles = ("arm", f"first{unit}", "n", f"second{unit}", "n", f"second less first{gap}", "interval")
    lines = [
        (arm.name, *_level(arm.first, metric), *_level(arm.second, metric), *_gap(arm, metric)) for arm in found.arms
    ]
    return Sheet(titles=titles, lines=lines)


def verdict_sheet(found: TwoResults) -> Sheet:
    """How each arm stands to what it is compared with in either, and whether the verdicts agree."""
    less = f"less {found.first.common_reference or 'the other'}"
    titles = ("arm", f"{less}, first", "verdict", f"{less}, second", "verdict", "the two")
    lines = [
        (arm.name, *_against(arm.first.difference, found.first), *_against(arm.second.difference, found.second),
         str(arm.agreement or ""))
        for arm in found.arms
        if arm.name != found.first.baseline
    ]  # fmt: skip
    return Sheet(titles=titles, lines=lines, num_words=len(titles))


def _settings(result: Mapping[str, Any]) -> dict[str, str]:
    told = dict(flat({name: result[name] for name in _SETTINGS} | {"overrides": ", ".join(result["overrides"])}))
    for name in dict.fromkeys(name for each in result["environments"] for name in each):
        told[name] = ", ".join(dict.fromkeys(str(each.get(name)) for each in result["environments"]))
    return told


def _level(arm: ArmSummary, metric: Metric) -> tuple[str, str]:
    found = arm.estimates[metric.name]
    return spread_words(found, metric), str(len(found.values))


def _gap(arm: ArmTwice, metric: Metric) -> tuple[str, str]:
    values = (arm.first.estimates[metric.name].values, arm.second.estimates[metric.name].values)
    if arm.is_paired and values[0] == values[1]:
        return "the same", "on every seed"
    span = f"{interval_words(arm.interval, metric, signed=True)}, {'paired' if arm.is_paired else 'Welch'}"
    return metric.number(arm.gap, signed=True), span if arm.interval else "none"


def _against(found: Difference | None, summary: StudySummary) -> tuple[str, str]:
    if found is None:
        return "", "no common seeds"
    metric = summary.metric
    span = found.estimate.interval
    mean = metric.number(found.estimate.mean, signed=True)
    return mean + (f" ({interval_words(span, metric, signed=True)})" if span else ""), verdict_words(found, summary)
