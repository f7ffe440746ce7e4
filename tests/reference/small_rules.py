"""Rules made on the spot, and files to lint."""

import pytest

from convwright.linter import Finding, Fix, Gain, Rule, Safety, Severity, engine
from convwright.linter.rules.normalization.bias_before_norm import BiasBeforeNorm
from convwright.networks import NetworkName, open_network


def finding(path="", **given):
    """A finding that says as little as it can."""
    return Finding(
        **{"code": "CW900", "name": "small", "severity": Severity.WARNING, "message": "is odd"} | given, path=path
    )


def fix(*edits, safety=Safety.CHANGES_TRAINING, **given):
    return Fix(summary="change it", safety=safety, edits=edits, **given)


def small_rule(check, code="CW900", severity=Severity.WARNING, **facts):
    """A rule that finds what `check(rule, net)` says."""
    named = {"code": code, "severity": severity, "check": check, "bad": BiasBeforeNorm.bad, "good": BiasBeforeNorm.good}
    return type("SmallRule", (Rule,), named | facts | {"__doc__": "It is odd.\n\nWhy: it is.\n\nSource: Odd 1999."})()


def at_ops(kind, fixed, *, if_=lambda _: True, **facts):
    """A rule about every op of a kind, with the fix that `fixed(op)` returns."""

    def check(rule, net):
        for op in net.ops_of(kind):
            if if_(op):
                yield rule.finding(op, "is odd", fix=fixed(op), gain=Gain(macs=10))

    return small_rule(check, **facts)


@pytest.fixture
def only_rules(monkeypatch):
    """Call it with the rules that there are to be."""

    def use(*rules):
        monkeypatch.setattr(engine, "all_rules", lambda: {rule.code: rule for rule in rules})

    return use


def built(file, name="Net"):
    return open_network(NetworkName(text=f"{file}:{name}"))
