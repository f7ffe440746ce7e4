"""What a rule says of itself, and how it makes findings."""

import pytest
from torch import nn

from convwright.linter import Example, OpRule, Settings, Severity, all_rules, lint
from convwright.linter.rules.normalization.bias_before_norm import BiasBeforeNorm
from reference.linting import load_example
from reference.small_rules import only_rules, small_rule

__all__ = ["only_rules"]

RULE = BiasBeforeNorm()


def test_names_come_from_files():
    assert (RULE.name, RULE.topic) == ("bias-before-norm", "normalization")
    assert all_rules()["CW301"].name == RULE.name


def test_the_page_is_the_docstring():
    page = RULE.page()
    assert list(page) == ["what", "why", "source", "fix"]
    assert page["what"].startswith("A convolution or linear layer has a bias")
    assert page["why"].startswith("Batch norm subtracts")
    assert "\n" not in "".join(page.values())


def test_an_example_is_a_file(tmp_path):
    expression = Example(source="nn.Sequential(\n    nn.ReLU(),\n)")
    assert isinstance(load_example(expression, tmp_path).module[0], nn.ReLU)
    source = """
        class Net(nn.Module):
            def forward(self, x):
                return F.relu(torch.abs(x))
    """
    (tmp_path / "classes").mkdir()
    network = load_example(Example(source=source), tmp_path / "classes")
    assert type(network.module).__name__ == "Net"
    assert Example(source=source).text.startswith("class Net(nn.Module):\n    def forward")


def test_an_example_with_changes():
    source = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 8, 3)
                self.norm = nn.BatchNorm2d(8)

            def forward(self, x):
                return self.norm(self.conv(x))
    """
    bad = Example(source=source, inputs=(2, 3, 8, 8), settings=Settings(loss="nll"))
    good = bad.with_changes(
        {"self.conv = ": "width = 8\nself.conv = ", "self.norm = nn.BatchNorm2d(8)": "", "self.norm(self.conv(x))": "x"}
    )
    lines = ["super().__init__()", "width = 8", "self.conv = nn.Conv2d(3, 8, 3)"]
    indented = "\n".join(f"        {line}" for line in lines)
    head, tail = "class Net(nn.Module):\n    def __init__(self):\n", "\n\n    def forward(self, x):\n        return x"
    assert good.text == f"{head}{indented}{tail}"
    assert (good.inputs, good.settings) == (bad.inputs, bad.settings)
    assert bad.with_changes({"__init__()\nself.conv": "__init__()\nself.first"}).text == bad.text.replace(
        ".conv =", ".first ="
    )


@pytest.mark.parametrize(("old", "count"), [("nn.ReLU()", 2), ("nn.Tanh()", 0)])
def test_what_is_changed_stands_in_the_example_once(old, count):
    with pytest.raises(AssertionError, match=f"{count} times"):
        Example(source="nn.Sequential(nn.ReLU(), nn.ReLU())").with_changes({old: ""})


def test_findings_at_ops_and_at_modules():
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
    (found,) = lint(net, (1, 3, 8, 8), settings=Settings(select=("CW301",))).findings
    assert found.op.kind == "conv2d"
    plain = RULE.finding("head.fc", "is odd", severity=Severity.ERROR)
    assert (plain.path, plain.op, plain.severity, plain.code) == ("head.fc", None, Severity.ERROR, "CW301")
    assert RULE.finding("", "is odd").severity is Severity.WARNING


def test_op_rules_see_ops_of_their_kinds_in_order(only_rules):
    class Seen(OpRule):
        code, severity, kinds = "CW901", Severity.ADVICE, ("relu", "tanh")
        bad = good = BiasBeforeNorm.bad

        def check_op(self, op, net):
            yield self.finding(op, net.settings.loss)

    only_rules(Seen(), small_rule(lambda *_: ()))
    found = lint(nn.Sequential(nn.Tanh(), nn.ELU(), nn.ReLU()), (1, 3)).findings
    assert [(each.path, each.message) for each in found] == [("0", "cross-entropy"), ("2", "cross-entropy")]
