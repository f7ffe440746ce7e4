"""`lint`: which rules run, and that the network is left as it was."""

import pytest
import torch
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.graph.failure import CallError
from convwright.graph.modes import in_mode
from convwright.linter import Settings, all_rules, engine, lint
from convwright.linter.engine import selected
from reference.small_rules import at_ops, built, only_rules, small_rule

__all__ = ["only_rules"]

SHAPE = (2, 3, 8, 8)


def bad():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Dropout(), nn.ReLU())


def found(model, **settings):
    report = lint(model, SHAPE, settings=Settings(select=("CW301",), **settings))
    return [(each.code, each.path) for each in report.findings]


@pytest.fixture
def four(only_rules):
    def rule(code, **facts):
        return small_rule(lambda *_: (), code=code, **facts)

    only_rules(rule("CW301"), rule("CW302"), rule("CW401"), rule("CW402", is_default=False))


@pytest.mark.parametrize(
    ("select", "ignore", "codes"),
    [
        (("default",), (), ["CW301", "CW302", "CW401"]),
        (("CW3",), (), ["CW301", "CW302"]),
        (("CW3", "CW401"), ("CW302",), ["CW301", "CW401"]),
        (("CW4",), (), ["CW401"]),
        (("CW402",), (), ["CW402"]),
        (("CW",), ("CW3",), ["CW401"]),
        (("default", "CW402"), ("default",), ["CW402"]),
        ((), (), []),
    ],
)
@pytest.mark.usefixtures("four")
def test_selection(select, ignore, codes):
    assert [rule.code for rule in selected(Settings(select=select, ignore=ignore))] == codes


def test_a_rule_by_name_and_the_nearest_of_what_is_not_one():
    assert [rule.code for rule in selected(Settings(select=("bias-before-norm",)))] == ["CW301"]
    for text in ("bias-before-nrom", "cw301", "C", ""):
        with pytest.raises(ConvwrightError, match="unknown rule"):
            selected(Settings(select=(text,)))


def test_the_next_code_follows_the_highest_of_the_topic(monkeypatch):
    known = {code: rule for code, rule in all_rules().items() if code in ("CW601", "CW603", "CW701")}
    monkeypatch.setattr(engine, "all_rules", lambda: known)
    assert [engine.next_code(topic) for topic in ("head", "pooling", "cost")] == ["CW604", "CW702", "CW401"]


def test_two_rules_of_one_code(monkeypatch):
    rules = {"a": type(all_rules()["CW301"]), "b": type(all_rules()["CW301"])}
    monkeypatch.setattr(engine, "discover", lambda *_: rules)
    with pytest.raises(ConvwrightError, match="have the same code CW301"):
        all_rules()


def test_the_network_is_left_as_it_was():
    model = bad()
    model[1].eval()
    modes = [module.training for module in model.modules()]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    random = torch.get_rng_state()
    assert found(model) == [("CW301", "0")]
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), random)
    assert list(model.state_dict()) == list(before)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert model[0].weight.grad is None


def test_rules_see_eval_mode_and_the_mode_there_was(only_rules):
    seen = []

    def check(_, net):
        seen.append((net.model.training, dict(net.training)))
        return ()

    only_rules(small_rule(check))
    model = nn.Sequential(nn.DataParallel(nn.Sequential(nn.ReLU().eval())))
    lint(model, SHAPE)
    assert seen == [(False, {"": True, "0": True, "0.0": False})]
    assert [module.training for module in model.modules()] == [True, True, True, False]


class Passes(nn.Module):
    """Passes its input on, while training or always."""

    def __init__(self, in_training, **parts):
        super().__init__()
        self.in_training = in_training
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.in_training(x) if self.training else x


def test_what_computes_in_training_alone_is_looked_at_there():
    model = nn.Sequential(Passes(nn.functional.dropout2d)).eval()
    report = lint(model, SHAPE)
    assert report.assumptions == ("training mode: it computes nothing in eval mode",)
    assert [op.kind for op in report.analysis.graph] == ["dropout2d"]
    assert not model.training


def test_there_is_nothing_to_say_of_what_never_computes_unless_it_has_weights():
    assert lint(Passes(nn.Identity()), SHAPE).assumptions == ("it computes nothing",)
    for model in (Passes(nn.Identity(), conv=nn.Conv2d(3, 4, 3)), Passes(nn.BatchNorm1d(3)), Passes(torch.trace)):
        with pytest.raises(ConvwrightError, match="Passes computes nothing from an input"):
            lint(model, SHAPE)


def test_modes_are_put_back_when_a_rule_or_the_network_fails(only_rules):
    only_rules(small_rule(lambda *_: 1 / 0))
    model = bad()
    with pytest.raises(ZeroDivisionError):
        lint(model, SHAPE)
    assert all(module.training for module in model.modules())


@pytest.mark.parametrize(
    "wrap",
    [
        nn.DataParallel,
        torch.compile,
        lambda model: nn.Sequential(nn.DataParallel(model)),
        lambda model: nn.Sequential(torch.compile(model)),
    ],
)
def test_wrapped_networks(wrap):
    model = wrap(bad())
    assert [path.rpartition(".")[2] for _, path in found(model)] == ["0"]
    assert model.training


def test_meta_and_half_networks():
    assert found(bad().half()) == [("CW301", "0")]
    assert found(bad().to("meta")) == [("CW301", "0")]


def test_a_call_that_fails_is_raised_unless_a_rule_explains_it(only_rules):
    only_rules(small_rule(lambda *_: 1 / 0))
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(4, 8, 3))
    with pytest.raises(CallError, match="set in_channels=8"):
        lint(model, SHAPE)
    assert model.training
    only_rules(
        small_rule(lambda rule, net: [rule.finding(net.failure.call.path, "fails")], code="CW101", reads_failures=True),
        small_rule(lambda *_: 1 / 0, code="CW102"),
    )
    report = lint(model, SHAPE)
    assert [(each.code, each.path) for each in report.findings] == [("CW101", "1")]
    assert report.analysis is None


def test_a_rule_that_reads_failures_is_not_asked_of_what_runs(only_rules):
    only_rules(small_rule(lambda *_: 1 / 0, reads_failures=True))
    assert lint(bad(), SHAPE).findings == ()


@pytest.mark.parametrize("model", [42, None, nn.Sequential])
def test_what_is_no_network(model):
    with pytest.raises(ConvwrightError, match=r"expected an nn\.Module"):
        lint(model, SHAPE)


def test_labels():
    assert lint(bad(), SHAPE).label == "Sequential"
    assert lint(nn.DataParallel(bad()), SHAPE).label == "Sequential"
    assert lint(bad(), SHAPE, label="mine").label == "mine"


FUNCTIONAL = """
from torch import nn
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
    def forward(self, x):
        x = self.conv(x)
        return x.relu()
class Swish(nn.Module):
    def forward(self, x):
        return x.relu()
def Net():
    return nn.Sequential(Block(), Block(),
        Swish())
"""


def test_a_functional_call_is_where_it_is_called_and_a_layer_where_it_is_built(tmp_path, only_rules):
    only_rules(at_ops("relu", lambda _: None), at_ops("conv2d", lambda _: None, code="CW901"))
    (tmp_path / "net.py").write_text(FUNCTIONAL)
    network = built(tmp_path / "net.py")
    report = lint(network.module, SHAPE, call_sites=network.call_sites)
    lines = {each.path: each.place.line for each in report.findings}
    assert lines == {"0": 9, "1": 9, "2": 15, "0.conv": 6, "1.conv": 6}
    assert sorted(group.paths for group in report.groups) == [("0", "1"), ("0.conv", "1.conv"), ("2",)]
    called = {each.path: each.called.line for each in report.findings}
    assert called["0.conv"] == 8


def test_lines_are_read_anew_when_a_file_has_changed(tmp_path):
    file = tmp_path / "net.py"
    text = (
        "from torch import nn\ndef Net():\n  return nn.Sequential(\n    nn.Conv2d(3, 8, 3),{}\n    nn.BatchNorm2d(8))\n"
    )
    counts = []
    for comment in ("", "  # convwright: ignore", ""):
        file.write_text(text.format(comment))
        network = built(file)
        found_now = lint(network.module, SHAPE, settings=Settings(select=("CW301",)), call_sites=network.call_sites)
        counts.append(len(found_now.findings))
    assert counts == [1, 0, 1]


def test_facts_that_are_known_are_not_found_again(monkeypatch):
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    with in_mode(net, training=False):
        known = analyze(net, (1, 3, 32, 32))
    said = lint(net, (1, 3, 32, 32)).to_dict()
    monkeypatch.setattr(engine, "trace", None)
    assert lint(net, (1, 3, 32, 32), analysis=known).to_dict() == said


class Branching(nn.Sequential):
    def forward(self, x):
        x = super().forward(x)
        return x if x.mean() > 0 else -x


def test_a_network_that_needs_numbers_is_computed_unless_that_is_forbidden():
    report = lint(Branching(*bad()), SHAPE, settings=Settings(select=("CW301",)))
    assert [each.code for each in report.findings] == ["CW301"]
    assert "the path depends on values, at " in report.to_dict()["assumptions"][0]
    with pytest.raises(ConvwrightError, match="depends on data"):
        lint(Branching(*bad()), SHAPE, values=False)
