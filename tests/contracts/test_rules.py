"""What every lint rule must do, whoever adds it; nothing here names a rule."""

import inspect
import re

import pytest

from convwright.lint import Severity, rules
from reference.linting import codes, lint_example

RULES = rules()
TOPICS = ("shape", "field", "normalization", "cost", "blocks", "head", "pooling", "deployment")
every_rule = pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=f"{code}-{rule.name}") for code, rule in RULES.items()]
)


def asked_for(rule, example):
    """The example's settings, with the rule on even where it is off by default."""
    return example.settings if rule.is_default else with_rule(example.settings, rule.code)


def with_rule(settings, code):
    return type(settings)(**{**vars(settings), "select": (*settings.select, code)})


@every_rule
def test_bad_fires_this_rule_and_no_other_error_or_warning(rule, tmp_path):
    report = lint_example(rule.bad, tmp_path, asked_for(rule, rule.bad))
    assert rule.code in codes(report)
    assert codes(report, "error", "warning") <= {rule.code}


@every_rule
def test_good_is_silent(rule, tmp_path):
    report = lint_example(rule.good, tmp_path, asked_for(rule, rule.good))
    assert rule.code not in codes(report)
    assert codes(report, "error", "warning") == set()


@every_rule
def test_a_finding_says_where_and_what(rule, tmp_path):
    report = lint_example(rule.bad, tmp_path, asked_for(rule, rule.bad))
    for finding in report.findings:
        if finding.code == rule.code:
            assert finding.name == rule.name
            assert finding.message
            assert not finding.message.endswith(".")
            assert finding.fix is None or finding.fix.summary
            if finding.path and report.analysis:
                assert finding.path in report.analysis.graph.modules
            assert finding.place is None or finding.place.file.endswith("net.py")


@every_rule
def test_code_name_and_topic_agree(rule):
    assert re.fullmatch(r"CW[1-8]\d\d", rule.code)
    assert rule.topic == TOPICS[int(rule.code[2]) - 1]
    assert type(rule).__name__ == "".join(word.capitalize() for word in rule.name.split("-"))
    assert inspect.getmodule(type(rule)).__doc__ == f"{rule.code}."
    assert rule.severity in Severity


@every_rule
def test_the_page_has_all_its_parts(rule):
    page = rule.page()
    assert page["what"].endswith(".")
    assert len(page["why"]) > 60
    # Evidence: a paper with its year, a measurement, or documentation.
    assert re.search(r"\b(19|20)\d\d\b|[Mm]easured|documentation|arithmetic", page["source"])
    assert rule.bad.text != rule.good.text


def test_names_are_unique_and_codes_sorted():
    assert len({rule.name for rule in RULES.values()}) == len(RULES)
    assert list(RULES) == sorted(RULES)
