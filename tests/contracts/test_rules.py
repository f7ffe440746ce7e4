"""What every lint rule must do, whoever adds it; nothing here names a rule."""

import inspect
import re

import pytest
import torch

from convwright.linter import Safety, Severity, all_rules, lint
from convwright.linter.edits import RewriteCall
from convwright.linter.fix_loop import is_fixable
from convwright.linter.fix_module import fix
from convwright.linter.fix_source import SourceFixer
from convwright.linter.lint_task import LintTask
from convwright.linter.rule import TOPICS
from convwright.networks import NetworkInput, NetworkName, open_network
from convwright.networks.reading.edited import edited
from reference.linting import codes, lint_example, load_example
from reference.peers import randomize

RULES = all_rules()
EVIDENCE = re.compile(r"\b(19|20)\d\d\b|\b(measured|documentation|arithmetic)\b", re.IGNORECASE)
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
    assert len(page.get("why", "")) > 60, "`Why:` tells in a sentence or two what the pattern costs"
    source = page.get("source", "")
    assert EVIDENCE.search(source), (
        f"`Source: {source}` names no evidence; expected a paper with its year and section or table, a page of some "
        "documentation, a measurement (`Measured ...`), or `arithmetic` where the numbers speak for themselves"
    )
    assert rule.bad.text != rule.good.text


@pytest.mark.parametrize(
    ("source", "is_evidence"),
    [
        ("He et al. 2016, section 4.1", True),
        ("documentation of torch.nn.Conv2d", True),
        ("Measured with torch 2.15", True),
        ("arithmetic", True),
        ("Arithmetic: 3 * 3 = 9", True),
        ("everybody knows", False),
        ("", False),
    ],
)
def test_what_counts_as_evidence(source, is_evidence):
    assert bool(EVIDENCE.search(source)) == is_evidence


def test_names_are_unique_and_codes_sorted():
    assert len({rule.name for rule in RULES.values()}) == len(RULES)
    assert list(RULES) == sorted(RULES)


def live(rule, folder):
    """The bad example as a live module, its findings of this rule that have edits, and its shape."""
    network = load_example(rule.bad, folder)
    settings = asked_for(rule, rule.bad)
    report = lint(network.module, rule.bad.inputs, settings=settings, call_sites=network.call_sites)
    mine = [group for group in report.groups if group.first.code == rule.code and is_fixable(group, unsafe=True)]
    if not mine:
        pytest.skip("has no edits for its example")
    return network.module, mine, settings


def only(rule, settings):
    return type(settings)(**{**vars(settings), "select": (rule.code,)})


def source_fixed(rule, folder):
    """The example's file after fixing what this rule found, and the model built from it."""
    fixer = SourceFixer(
        tasks=(
            LintTask(
                load=lambda: load_example(rule.bad, folder),
                inputs=(NetworkInput(shape=rule.bad.inputs),),
                settings=only(rule, rule.bad.settings),
            ),
        )
    )
    result = fixer.fix(unsafe=True)
    with edited(result.state):
        return result, open_network(NetworkName(text=f"{folder / 'net.py'}:Net")).module


@every_rule
def test_the_source_fix_clears_the_finding(rule, tmp_path):
    live(rule, tmp_path)
    result, _ = source_fixed(rule, tmp_path)
    assert result.refused == ()
    assert {group.first.code for group in result.fixed} == {rule.code}
    assert rule.code not in codes(result.reports[0])
    file = tmp_path / "net.py"
    file.write_text(result.state[str(file)])
    after = lint_example(rule.bad, tmp_path)
    assert codes(after, "error", "warning") == set()


@every_rule
def test_the_module_fix_agrees_with_the_source_fix(rule, tmp_path):
    model, mine, settings = live(rule, tmp_path)
    if any(isinstance(edit, RewriteCall) for group in mine for f in group.findings for edit in f.fix.edits):
        pytest.skip("calls in forward are fixed in the source only")
    result = fix(model, rule.bad.inputs, settings=only(rule, settings), unsafe=True)
    assert result.refused == ()
    assert rule.code not in codes(result.reports[0])
    _, rebuilt = source_fixed(rule, tmp_path)
    rebuilt.load_state_dict(result.state.state_dict())
    x = torch.randn(rule.bad.inputs)
    torch.testing.assert_close(rebuilt.eval()(x), result.state.eval()(x))


@torch.no_grad()
def assert_same_output(before, after, x):
    outputs = []
    for net in (before, after):
        torch.manual_seed(0)
        outputs.append(net(x))
    torch.testing.assert_close(outputs[1], outputs[0], rtol=1e-5, atol=1e-5 * float(outputs[0].abs().max()))


@every_rule
@pytest.mark.parametrize("training", [False, True])
def test_same_output_means_the_same_output(rule, training, tmp_path):
    model, mine, settings = live(rule, tmp_path)
    if any(f.fix.safety is not Safety.SAME_OUTPUT for group in mine for f in group.findings):
        pytest.skip("promises nothing of the kind")
    randomize(model)
    result = fix(model, rule.bad.inputs, settings=only(rule, settings))
    before, after = model.train(training), result.state.train(training)
    for _ in range(2):  # the second call also sees what the first left in running statistics
        assert_same_output(before, after, torch.randn(rule.bad.inputs))
    assert_same_output(before.eval(), after.eval(), torch.randn(rule.bad.inputs))
