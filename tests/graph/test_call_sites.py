"""The expression that made each module, to the column."""

import ast
import textwrap

import pytest
import torch
from torch import nn

from convwright.graph.call_sites import modules_by_site, recorded_call_sites
from convwright.networks import NetworkName, open_network

SOURCE = """
import copy
from functools import partial
import torch
from torch import nn

def conv3x3(width):
    return nn.Conv2d(width, width, 3)

class Wide(nn.Conv2d):
    def __init__(self, width):
        super().__init__(
            width, width, 1,
        )

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.several = nn.Conv2d(
            3,
            8, kernel_size=(1,
                            1),
        )
        self.helped = conv3x3(8)
        self.wide = Wide(8)
        self.body = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh(), nn.ELU(0.5)))
        self.loop = nn.Sequential()
        for _ in range(2):
            self.loop.append(nn.SELU())
        self.listed = nn.ModuleList([nn.GELU() for _ in range(3)])
        make = partial(nn.Conv2d, 8, bias=False)
        self.partial = make(8, 1)
        été = "é漢😀"; self.after, self.name = nn.Dropout(0.25), été
        self.twin = self.wide
        self.copied = copy.deepcopy(self.several)
        self.former = nn.TransformerEncoderLayer(4, 2)

    def forward(self, x):
        return x

def compiled():
    return nn.DataParallel(nn.Sequential(torch.compile(nn.Sequential(nn.Conv2d(3, 8, 3)))))

def failing():
    nn.ReLU()
    raise ZeroDivisionError
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("sites") / "net.py"
    path.write_text(SOURCE)
    return path


def target(file, name="Net"):
    return open_network(NetworkName(text=f"{file}:{name}"))


def text_at(site):
    """What stands there, by the very columns."""
    with open(site.file, "rb") as lines:
        taken = lines.read().split(b"\n")[site.line - 1 : site.end_line]
    taken[-1] = taken[-1][: site.end_column]
    taken[0] = taken[0][site.column :]
    return b"\n".join(taken).decode()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("several", "nn.Conv2d(3, 8, kernel_size=(1, 1))"),
        ("helped", "nn.Conv2d(width, width, 3)"),
        ("wide", "Wide(8)"),
        ("twin", "Wide(8)"),
        ("body", "nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh(), nn.ELU(0.5)))"),
        ("body.1", "nn.Sequential(nn.Tanh(), nn.ELU(0.5))"),
        ("body.1.1", "nn.ELU(0.5)"),
        ("loop.1", "nn.SELU()"),
        ("listed.2", "nn.GELU()"),
        ("partial", "make(8, 1)"),
        ("after", "nn.Dropout(0.25)"),
        ("former", "nn.TransformerEncoderLayer(4, 2)"),
    ],
)
def test_the_call_that_made_it(file, path, text):
    found = text_at(target(file).call_sites[path])
    assert ast.dump(ast.parse(textwrap.dedent(found))) == ast.dump(ast.parse(text))


@pytest.mark.parametrize("path", ["", "copied", "former.linear1", "former.self_attn.out_proj"])
def test_what_no_line_of_the_user_made(file, path):
    loaded = target(file)
    assert loaded.module.get_submodule(path) is not None
    assert path not in loaded.call_sites


def test_paths_are_those_of_the_graph_where_modules_are_wrapped(file):
    assert {"", "0", "0.0"} == set(target(file, "compiled").call_sites)


def test_one_call_that_makes_several(file):
    by_site = modules_by_site(target(file).call_sites)
    assert sorted(map(len, by_site.values()))[-1] == 3
    assert ["loop.0", "loop.1"] in by_site.values()
    assert ["wide", "twin"] in by_site.values()


def test_a_module_that_holds_its_holder():
    with recorded_call_sites() as sites:
        outer, inner = nn.Sequential(), nn.Sequential()
    outer.append(inner)
    inner.append(outer)
    assert {"", "0"} <= set(sites.of(outer))


def test_torch_is_as_it_was_afterwards(file):
    initialize = nn.Module.__init__
    with pytest.raises(ValueError, match="ZeroDivisionError"):
        target(file, "failing")
    assert nn.Module.__init__ is initialize
    with pytest.raises(KeyboardInterrupt), recorded_call_sites():
        raise KeyboardInterrupt
    assert nn.Module.__init__ is initialize


def test_sites_keep_no_module_alive():
    with recorded_call_sites() as sites:
        net = nn.Linear(2, 2)
        assert len(sites._sites) == 1
        del net
    assert len(sites._sites) == 0


def test_recording_does_not_change_what_is_built():
    torch.manual_seed(1)
    with recorded_call_sites():
        first = nn.Conv2d(3, 3, 3).weight
    torch.manual_seed(1)
    assert torch.equal(first, nn.Conv2d(3, 3, 3).weight)
