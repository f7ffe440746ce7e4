"""Findings, fixes and gains."""

import json

import pytest

from convwright.graph import Place
from convwright.linter import Fix, Gain, Safety
from convwright.linter.edits import Delete
from convwright.linter.finding import suggestion
from reference.small_rules import finding


def test_a_suggestion_has_no_edits_and_any_other_fix_has():
    assert suggestion("think").edits == ()
    for safety, edits in ((Safety.SUGGESTION, (Delete(path="a"),)), (Safety.SAME_OUTPUT, ())):
        with pytest.raises(AssertionError):
            Fix(summary="?", safety=safety, edits=edits)


def test_gains_add_up():
    total = Gain(parameters=1, macs=2, activation_bytes=3) + Gain(parameters=-1, macs=1)
    assert total.to_dict() == {"parameters": 0, "macs": 3, "activation_bytes": 3}
    assert total
    assert not Gain()


def test_the_place_is_where_it_was_built_else_where_it_is_called():
    built, called = Place(file="/a.py", line=1), Place(file="/b.py", line=2)
    assert finding(built=built, called=called).place is built
    assert finding(called=called).place is called
    assert finding().place is None


def test_as_plain_values():
    plain = finding("conv", built=Place(file="/a.py", line=1), fix=suggestion("think")).to_dict()
    assert json.loads(json.dumps(plain)) == {
        "code": "CW900",
        "name": "small",
        "severity": "warning",
        "path": "conv",
        "message": "is odd",
        "built": {"file": "/a.py", "line": 1},
        "called": None,
        "gain": {"parameters": 0, "macs": 0, "activation_bytes": 0},
        "fix": {"summary": "think", "safety": "suggestion"},
    }
