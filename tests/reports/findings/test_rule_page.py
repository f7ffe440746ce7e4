"""The page of a rule."""

from convwright.linter import Example, Settings, all_rules
from convwright.reports.findings.rule_page import rule_page
from reference.small_rules import small_rule


def test_all_that_a_rule_says_of_itself():
    rule = all_rules()["CW301"]
    page = rule_page(rule)
    assert page.startswith("# CW301 bias-before-norm\n\nA convolution or linear layer has a bias")
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == ["## Why", "## Source", "## Fix", "## Bad", "## Good"]
    assert "*warning: it costs accuracy, memory or time for nothing*" in page
    assert f"```python\n{rule.bad.text}\n```\n\nInput 2x3x32x32." in page
    assert "`# convwright: ignore[CW301]`" in page


def test_a_rule_that_is_off_and_examples_with_settings():
    bad = Example(source="nn.ReLU()", inputs=(1, 3), settings=Settings(loss="mse"))
    page = rule_page(small_rule(lambda *_: (), is_default=False, bad=bad))
    assert "for nothing, off by default*" in page
    assert "Input 1x3, `loss`: mse." in page
    assert "## Fix" not in page
