"""`convwright explain`."""

import pytest
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError
from convwright.linter import all_rules


def invoke(*arguments):
    result = CliRunner().invoke(app, ["explain", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_every_rule_is_listed():
    output = invoke()
    assert [code for code in all_rules() if code not in output] == []
    assert "bias-before-norm" in output


@pytest.mark.parametrize("rule", ["CW301", "cw301", "bias-before-norm"])
def test_a_rule_by_code_or_name(rule):
    output = invoke(rule)
    assert output.startswith("# CW301 bias-before-norm")
    assert "Ioffe & Szegedy 2015" in output
    assert "nn.Conv2d(3, 8, 3, bias=False)" in output


def test_the_nearest_of_what_is_not_one():
    with pytest.raises(ConvwrightError, match="did you mean bias-before-norm"):
        invoke("bias-before-norms")
