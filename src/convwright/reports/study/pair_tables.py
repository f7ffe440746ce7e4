"""Tables of two results of a study: settings that differ, and what each result says of every arm."""

from ...studies import StudyResult
from ...studies.metric import Metric
from ...studies.result_pair import ArmPair, ResultPair
from ...studies.summary import ArmSummary, StudySummary
from ..sheet import Sheet
from ..to_html import flat
from .tables import difference_words, interval_words, spread_words, verdict_words

_SETTINGS = ("study", "budget", "overrides", "hold_equal", "recipe", "data")


def settings_sheet(first: StudyResult, second: StudyResult) -> Sheet:
    """The settings in which two results differ, machines and versions among them."""
    told = [_settings(each) for each in (first, second)]
    names = [name for name in {**told[0], **told[1]} if told[0].get(name) != told[1].get(name)]
    lines = [(name, told[0].get(name, ""), told[1].get(name, "")) for name in names]
    return Sheet(titles=("setting", "first", "second"), lines=lines, num_words=3)


def level_sheet(found: ResultPair) -> Sheet:
    """The level of each arm in either result, and the difference with its interval."""
    metric = found.metric
    unit, gap = (", %", ", points") if metric.is_share else ("", "")
    titles = ("arm", f"first{unit}", "n", f"second{unit}", "n", f"second less first{gap}", "interval")
    lines = [
        (arm.name, *_level(arm.first, metric), *_level(arm.second, metric), *_gap(arm, metric)) for arm in found.arms
    ]
    return Sheet(titles=titles, lines=lines)


def verdict_sheet(found: ResultPair) -> Sheet:
    """The difference and the verdict of each arm in either result, and whether the verdicts agree."""
    less = f"less {found.first.common_reference or 'the other'}"
    titles = ("arm", f"{less}, first", "verdict", f"{less}, second", "verdict", "the two")
    lines = []
    for arm in found.arms:
        if arm.name != found.first.baseline:
            sides = (*_against(arm.first, found.first), *_against(arm.second, found.second))
            lines.append((arm.name, *sides, str(arm.agreement or "")))
    return Sheet(titles=titles, lines=lines, num_words=len(titles))


def _settings(result: StudyResult) -> dict[str, str]:
    settings = {name: getattr(result, name) for name in _SETTINGS} | {"overrides": ", ".join(result.overrides)}
    found = dict(flat(settings))
    for name in dict.fromkeys(name for each in result.environments for name in each):
        found[name] = ", ".join(dict.fromkeys(str(each.get(name)) for each in result.environments))
    return found


def _level(arm: ArmSummary, metric: Metric) -> tuple[str, str]:
    found = arm.estimates[metric.name]
    return spread_words(found, metric), str(len(found.values))


def _gap(arm: ArmPair, metric: Metric) -> tuple[str, str]:
    values = (arm.first.estimates[metric.name].values, arm.second.estimates[metric.name].values)
    if arm.is_paired and values[0] == values[1]:
        return "the same", "on every seed"
    span = f"{interval_words(arm.interval, metric, signed=True)}, {'paired' if arm.is_paired else 'Welch'}"
    return metric.number(arm.gap, signed=True), span if arm.interval else "none"


def _against(arm: ArmSummary, summary: StudySummary) -> tuple[str, str]:
    if arm.difference is None:
        return "", "no common seeds"
    return difference_words(arm.difference, summary.metric), verdict_words(arm.difference, summary)
