"""What is kept of the fixes that are tried."""

import pytest
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.linter import Report, Safety, Severity
from convwright.linter.edits import Delete, SetArguments
from convwright.linter.finding import suggestion
from convwright.linter.fix_loop import apply_fixes, is_fixable
from convwright.linter.report import FindingGroup
from reference.small_rules import finding, fix

ADVICE, ERROR = Severity.ADVICE, Severity.ERROR
NET = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
FACTS = analyze(nn.ReLU(), (1, 2))


def found(code, severity=Severity.WARNING, fixed=True, path=""):
    return finding(path or code, code=code, severity=severity, fix=fix(Delete(path=code)) if fixed else None)


def run(graph, start=0, *, runs=lambda _: True, unsafe=True):
    """Repair along a table: state to (findings of it, what the fix of a code leads to)."""
    attempts = []

    def judge(state):
        facts = FACTS if runs(state) else None
        return (Report(label="", model=NET, findings=tuple(graph[state][0]), analysis=facts),)

    def change(state, _, group):
        attempts.append((state, group.first.code))
        led = graph[state][1][group.first.code]
        if isinstance(led, ConvwrightError):
            raise led
        return led

    return apply_fixes(start, judge=judge, change=change, unsafe=unsafe), attempts


def refusals(result):
    return {attempt.group.first.code: attempt.refusal for attempt in result.refused}


def test_one_after_another():
    graph = {0: ([found("A"), found("B")], {"A": 1}), 1: ([found("B")], {"B": 2}), 2: ([], {})}
    result, _ = run(graph)
    assert result.state == 2
    assert [group.first.code for group in result.fixed] == ["A", "B"]
    assert result.refused == ()
    assert result.reports[0].is_clean


@pytest.mark.parametrize(
    ("start", "after", "why"),
    [
        ([found("A")], [found("A")], "still there"),
        ([found("A")], [found("B", fixed=False)], "would bring B"),
        ([found("A")], [found("A"), found("A", path="x")], "still there"),
        ([found("A", ADVICE)], [found("B", ADVICE, fixed=False)], "as much other advice"),
        ([found("A", ADVICE)], [found("B", ERROR, fixed=False)], "would bring B"),
        ([found("A", ADVICE), found("B", ADVICE, fixed=False)], [found("B", fixed=False)], "would bring B"),
    ],
)
def test_what_is_not_better_is_not_kept(start, after, why):
    result, _ = run({0: (start, {"A": 1}), 1: (after, {})})
    assert result.state == 0
    assert why in refusals(result)["A"]
    assert result.reports[0].findings == tuple(start)


def test_a_warning_may_become_advice_and_advice_less_advice():
    more = [found("B", ADVICE, fixed=False), found("C", ADVICE, fixed=False)]
    assert run({0: ([found("A")], {"A": 1}), 1: (more, {})})[0].state == 1
    several = [found("A", ADVICE), found("A", ADVICE, path="x")]
    graph = {0: (several, {"A": 1}), 1: ([found("B", ADVICE, fixed=False)], {})}
    assert run(graph)[0].state == 1


def test_an_edit_that_cannot_be_made_is_refused_with_its_reason():
    result, _ = run({0: ([found("A")], {"A": ConvwrightError("no such line")})})
    assert refusals(result) == {"A": "no such line"}


def test_what_was_refused_is_tried_again_after_another_succeeded():
    blocked = ConvwrightError("B is in the way")
    graph = {
        0: ([found("A"), found("B")], {"A": blocked, "B": 1}),
        1: ([found("A")], {"A": 2}),
        2: ([], {}),
    }
    result, attempts = run(graph)
    assert result.state == 2
    assert attempts == [(0, "A"), (0, "B"), (1, "A")]
    assert result.refused == ()


def test_fixes_that_undo_each_other_end():
    # A is a warning and turns into advice B, whose fix would turn it back.
    graph = {0: ([found("A")], {"A": 1}), 1: ([found("B", ADVICE)], {"B": 0})}
    result, _ = run(graph)
    assert result.state == 1
    assert "would bring A" in refusals(result)["B"]


def test_a_network_that_runs_at_last_may_have_other_warnings():
    graph = {0: ([found("A", ERROR)], {"A": 1}), 1: ([found("B", fixed=False), found("C", ADVICE, fixed=False)], {})}
    assert run(graph, runs=lambda state: state > 0)[0].state == 1
    assert run(graph)[0].state == 0


def test_a_network_that_fails_later_is_better_and_one_that_goes_in_circles_ends():
    first, second = found("A", ERROR, path="x"), found("A", ERROR, path="y")
    graph = {0: ([first], {"A": 1}), 1: ([second], {"A": 2}), 2: ([], {})}
    assert run(graph, runs=lambda state: state == 2)[0].state == 2
    circle = {0: ([first], {"A": 1}), 1: ([second], {"A": 0})}
    assert len(run(circle, runs=lambda _: False)[0].fixed) == 2
    assert run({0: ([first], {"A": 1}), 1: ([first], {})}, runs=lambda _: False)[0].fixed == ()


def test_which_are_fixable():
    same, trained = Safety.SAME_OUTPUT, Safety.CHANGES_TRAINING
    edit = SetArguments(path="a", values={})
    for given, unsafe, expected in (
        (fix(edit, safety=same), False, True),
        (fix(edit, safety=trained), False, False),
        (fix(edit, safety=trained), True, True),
        (suggestion("think"), True, False),
        (None, True, False),
    ):
        assert is_fixable(FindingGroup(findings=(finding(fix=given),)), unsafe=unsafe) == expected
    mixed = FindingGroup(findings=(finding(fix=fix(edit)), finding()))
    assert not is_fixable(mixed, unsafe=True)


@pytest.mark.parametrize(
    ("edited", "safety", "is_kept"),
    [
        (("0", "1"), Safety.SAME_OUTPUT, True),
        (("0",), Safety.SAME_OUTPUT, False),
        (("0",), Safety.CHANGES_TRAINING, True),
    ],
)
def test_a_fix_of_the_same_output_may_not_change_what_it_does_not_name(edited, safety, is_kept):
    def net(bias):
        return nn.Sequential(nn.Linear(2, 2, bias=bias), nn.Linear(2, 2, bias=bias))

    edits = tuple(SetArguments(path=path, values={"bias": False}) for path in edited)
    mine = finding("0", fix=fix(*edits, safety=safety))
    result = apply_fixes(
        net(True),
        judge=lambda model: (Report(label="", model=model, findings=(mine,) * (model[0].bias is not None)),),
        change=lambda *_: net(False),
        unsafe=True,
    )
    assert bool(result.fixed) == is_kept
    assert is_kept or result.refused[0].refusal == "it would also change `1`"
