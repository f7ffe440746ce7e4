"""The user's source is edited in memory, and confirmed before it is kept."""

import linecache
import sys

import pytest
from torch import nn

from convwright.linter import Safety, Settings, Severity
from convwright.linter.edits import Delete, Replace, RewriteCall, SetArguments, Swap
from convwright.linter.fix_source import SourceFixer
from convwright.linter.lint_task import LintTask
from convwright.networks import NetworkInput, NetworkName, open_network
from convwright.networks.reading.file_import import fresh_imports
from reference.small_rules import at_ops, fix, only_rules, small_rule

__all__ = ["only_rules"]

HEADER = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"
SAME = Safety.SAME_OUTPUT


def assigned(name, **settings):
    return LintTask(
        load=lambda: open_network(NetworkName(text=name)),
        inputs=(NetworkInput(shape=(2, 3, 8, 8)),),
        settings=Settings(**settings),
        label=name,
    )


@pytest.fixture
def repaired(tmp_path):
    """Write a file, and repair the networks named."""

    def run(body, *names, select=("default",)):
        file = tmp_path / "net.py"
        file.write_text(HEADER + body)
        tasks = tuple(assigned(f"{file}:{name}", select=select) for name in names or ("Net",))
        result = SourceFixer(tasks=tasks).fix(unsafe=True)
        assert file.read_text() == HEADER + body
        return result, result.state.get(str(file), HEADER + body).removeprefix(HEADER)

    return run


def sequential(*parts):
    inside = "".join(f"        {part},\n" for part in parts)
    return f"def Net():\n    return nn.Sequential(\n{inside}    )\n"


def test_the_line_of_the_finding_changes_and_no_other(repaired):
    before = sequential("nn.Conv2d(3, 8, 3) if 1 else ( )", "nn.BatchNorm2d(8)", "nn.ReLU( )  # ,")
    result, text = repaired(before, select=("CW301",))
    assert text == before.replace("3, 8, 3)", "3, 8, 3, bias=False)")
    assert result.reports[0].findings == ()


LOOP = """def Net():
    parts = []
    for norm in (nn.BatchNorm2d, {second}):
        parts += [nn.Conv2d(3, 3, 3), norm(3)]
    return nn.Sequential(*parts)
"""


def test_a_line_that_makes_several_is_edited_when_the_finding_holds_for_all(repaired):
    result, text = repaired(LOOP.format(second="nn.BatchNorm2d"), select=("CW301",))
    assert "nn.Conv2d(3, 3, 3, bias=False)" in text
    assert [group.paths for group in result.fixed] == [("0", "2")]
    result, text = repaired(LOOP.format(second="nn.LazyInstanceNorm2d and nn.InstanceNorm2d"), select=("CW301",))
    assert "bias" not in text
    assert "also makes `2`" in result.refused[0].refusal


def test_one_module_at_two_paths_is_one(repaired):
    body = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.body = nn.Sequential(self.conv, nn.BatchNorm2d(8))
    def forward(self, x):
        return self.body(x)
"""
    result, text = repaired(body, select=("CW301",))
    assert "nn.Conv2d(3, 8, 3, bias=False)" in text
    assert result.refused == ()


def test_a_copy_that_needs_the_bias_keeps_it(repaired):
    body = """import copy
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3)
        self.norm = nn.BatchNorm2d(3)
        self.last = copy.deepcopy(self.conv)
    def forward(self, x):
        return self.last(self.norm(self.conv(x)))
"""
    result, text = repaired(body, select=("CW301",))
    assert text == body
    assert result.refused[0].refusal == "it would also change `last`"


SIBLINGS = """def conv(bias=True):
    return nn.Conv2d(3, 3, 3)


def Net():
    return nn.Sequential(conv(), nn.BatchNorm2d(3))


def Other():
    return nn.Sequential(conv(), {after}(3))
"""


def test_siblings_must_agree(repaired):
    result, text = repaired(SIBLINGS.format(after="nn.InstanceNorm2d"), "Net", "Other", select=("CW301",))
    assert "bias=False" not in text
    assert "also makes `0` of" in result.refused[0].refusal
    result, text = repaired(SIBLINGS.format(after="nn.BatchNorm2d"), "Net", "Other", select=("CW301",))
    assert "nn.Conv2d(3, 3, 3, bias=False)" in text
    assert [report.findings for report in result.reports] == [(), ()]


def test_siblings_must_not_get_worse(repaired, only_rules):
    def fixed(op):
        return fix(Replace(path=op.path, code="WIDE({old})"))

    def broken(rule, net):
        yield from (rule.finding("", "is broken") for _ in range(sum(type(m) is nn.Tanh for m in net.model.modules())))

    only_rules(at_ops("relu", fixed), small_rule(broken, code="CW901", severity=Severity.ERROR))
    body = "WIDE = lambda old: nn.Tanh()\ndef Net():\n    return nn.Sequential(nn.ReLU())\n"
    body += "def Other():\n    return Net()\n"
    result, text = repaired(body, "Net", "Other")
    assert text == body
    assert "CW901" in result.refused[0].refusal


def test_a_fix_that_breaks_the_file_is_refused(repaired, only_rules):
    only_rules(at_ops("relu", lambda op: fix(Replace(path=op.path, code="nn.NoSuchThing()"))))
    result, text = repaired(sequential("nn.ReLU()"))
    assert text == sequential("nn.ReLU()")
    assert "NoSuchThing" in result.refused[0].refusal


def test_swaps_and_deletions(repaired, only_rules):
    def swapped(rule, net):
        if isinstance(net.model.body[0], nn.ReLU):
            yield rule.finding("body.0", "is first", fix=fix(Swap(path="body.0", other="body.1")))

    def deleted(rule, net):
        if hasattr(net.model, "unused"):
            yield rule.finding("unused", "is unused", fix=fix(Delete(path="unused"), safety=SAME))

    only_rules(small_rule(swapped), small_rule(deleted, code="CW901"))
    body = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.unused: nn.Module = nn.Linear(3, 3)
        self.body = nn.Sequential(nn.ReLU( ), nn.Tanh())
    def forward(self, x):
        return self.body(x)
"""
    result, text = repaired(body)
    assert "nn.Sequential(nn.Tanh(), nn.ReLU( ))" in text
    assert "unused" not in text
    assert result.refused == ()


FUNCTIONAL = """class Block(nn.Module):
    def __init__(self, scale=1):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.scale = scale
    def forward(self, x):
        return F.relu(
            self.conv(x) * self.scale,  # scaled
        ) * 2
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(Block(),
            Block({scale}))
"""


def test_functional_calls(repaired, only_rules):
    only_rules(at_ops("relu", lambda op: fix(RewriteCall(op=op, code="{input}.tanh()"))))
    result, text = repaired(FUNCTIONAL.format(scale=""))
    assert "return (self.conv(x) * self.scale).tanh() * 2" in text
    assert [group.paths for group in result.fixed] == [("0", "1")]
    only_rules(at_ops("relu", lambda op: fix(RewriteCall(op=op, code="{input}")), if_=lambda op: op.path == "0"))
    result, text = repaired(FUNCTIONAL.format(scale="2"))
    assert text == FUNCTIONAL.format(scale="2")
    assert "also runs where the finding does not hold" in result.refused[0].refusal


def test_functional_calls_that_a_sibling_needs(repaired, only_rules):
    rule = at_ops("relu", lambda op: fix(RewriteCall(op=op, code="{input}")), if_=lambda op: op.output.shape[1] == 3)
    only_rules(rule)
    body = """class Act(nn.Module):
    def forward(self, x):
        return F.relu(x)
def Net():
    return nn.Sequential(Act())
def Other():
    return nn.Sequential(nn.Conv2d(3, 4, 1), Act())
"""
    result, text = repaired(body, "Net", "Other")
    assert text == body
    assert "also runs" in result.refused[0].refusal


def test_what_torch_builds_has_no_line(repaired, only_rules):
    only_rules(at_ops("dropout", lambda op: fix(SetArguments(path=op.path, values={"p": 0.0}))))
    body = "def Net():\n    return nn.Sequential(nn.Flatten(2), nn.TransformerEncoderLayer(64, 2))\n"
    result, text = repaired(body)
    assert text == body
    assert "not constructed by a line" in result.refused[0].refusal


def test_what_exec_made_is_refused(repaired):
    body = 'def Net():\n    return eval("nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))")\n'
    result, _ = repaired(body, select=("CW301",))
    assert "<string> is no file" in result.refused[0].refusal


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "fixed_pack"
    folder.mkdir()
    (folder / "__init__.py").write_text("from .net import Net\n")
    (folder / "parts.py").write_text("from torch import nn\n\ndef conv():\n    return nn.Conv2d(3, 8, 3)\n")
    net = "from torch import nn\nfrom .parts import conv\n\ndef Net():\n    return nn.Sequential(\n        conv(),\n"
    net += "        nn.BatchNorm2d(8), nn.Conv2d(8, 4, 1),\n        nn.BatchNorm2d(4),\n    )\n"
    (folder / "net.py").write_text(net)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


@pytest.mark.parametrize("is_imported_before", [False, True])
def test_relative_imports_are_followed_and_all_is_as_it_was_afterwards(package, is_imported_before, monkeypatch):
    if is_imported_before:
        __import__("fixed_pack.net")
    modules, cached, finders = dict(sys.modules), set(linecache.cache), list(sys.meta_path)
    tasks = (assigned("fixed_pack.net:Net", select=("CW301",)),)
    result = SourceFixer(tasks=tasks).fix(unsafe=False)
    assert {file.rpartition("/")[2] for file in result.state} == {"net.py", "parts.py"}
    assert all("bias=False" in text for text in result.state.values())
    assert result.refused == ()
    assert sys.meta_path == finders
    changed = {name for name in modules.keys() | sys.modules.keys() if modules.get(name) is not sys.modules.get(name)}
    assert {name for name in changed if "fixed_pack" in name or "target" in name} == set()
    assert {name for name in cached ^ set(linecache.cache) if "fixed_pack" in name} <= {
        str(package / "__init__.py")
    } | {str(package / name) for name in ("net.py", "parts.py")}
    for file in result.state:
        assert "bias" not in "".join(linecache.getlines(file))
    for name in [name for name in sys.modules if name.startswith("fixed_pack")]:
        monkeypatch.delitem(sys.modules, name)


def test_two_folders_may_have_helpers_of_one_name(tmp_path):
    tasks = []
    for name, width in (("a", 4), ("b", 5)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "helper.py").write_text(f"width = {width}\n")
        text = "from torch import nn\nfrom helper import width\ndef Net():\n    return nn.Conv2d(3, width, 1)\n"
        (tmp_path / name / "net.py").write_text(text)
        tasks.append(assigned(f"{tmp_path / name / 'net.py'}:Net", select=()))
    reports = SourceFixer(tasks=tuple(tasks)).lint({})
    assert [report.model.out_channels for report in reports] == [4, 5]


def test_modules_come_back_after_an_error(package):
    (package / "net.py").write_text("1 / 0")
    before = dict(sys.modules)
    with pytest.raises(ZeroDivisionError), fresh_imports():
        __import__("fixed_pack.net")
    assert sys.modules == before


def test_what_was_not_loaded_is_among_the_assumptions(tmp_path):
    text = "import torch\nfrom torch import nn\ndef Net():\n    torch.load('gone.pth')\n    return nn.Conv2d(3, 8, 1)\n"
    (tmp_path / "net.py").write_text(text)
    report = assigned(f"{tmp_path / 'net.py'}:Net", select=()).report()
    assert [each.partition(" (")[0] for each in report.not_done] == ["weights of gone.pth"]
