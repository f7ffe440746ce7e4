"""Which statements define something, and which do work."""

import argparse
import ast
import collections
import functools
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
import torch
import torchvision
from torch import nn

from convwright.networks.reading.definitions import Definitions, bound_names
from convwright.networks.reading.left_out import LeftOut, ModuleReading, keep_reading
from convwright.networks.reading.stand_in import StandIn

OWN = """
def conv(width):
    layers = []
    for _ in range(2):
        layers.append(nn.Conv2d(width, width, 3))
    print("made")
    return nn.Sequential(*layers)

def again(depth):
    return again(depth - 1) if depth else conv(3)

def saved():
    return torch.save({}, "a.pth")

def outer():
    return saved()

class Config:
    def __init__(self):
        self.file = open("a")

class Plain:
    def show(self):
        time.sleep(1)
"""


@pytest.fixture
def namespace(monkeypatch):
    module = ModuleType("wild_definitions_of_a_test")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    found = vars(module)
    found |= {
        each.__name__: each
        for each in (argparse, collections, functools, math, nn, os, subprocess, sys, time, torch, torchvision)
    }
    found |= {"nn": nn, "Path": Path, "lib": StandIn("lib", "lib", "net.py:1"), "net": nn.Identity(), "names": ["a"]}
    tree = ast.parse(OWN)
    functions = {part.lineno: part for part in ast.walk(tree) if isinstance(part, ast.FunctionDef)}
    gone = LeftOut(file="net.py", line=3, text="args = input()", reason="asks for input")
    keep_reading(found, ModuleReading(file="net.py", functions=functions, names={"args": gone}))
    exec(compile(tree, "net.py", "exec"), found)
    found["plain"] = found["Plain"]()
    return found


@pytest.mark.parametrize(
    "text",
    [
        "WIDTH = 2 ** 5",
        "names = [name.upper() for name in names]",
        "path = os.path.join('a', 'b').replace('a', 'b')",
        "root = Path(__file__).parent / 'a'",
        "Point = collections.namedtuple('Point', 'x y')",
        "small = functools.partial(nn.Conv2d, kernel_size=math.ceil(2.5))",
        "x = torch.randn(1, 3, 8, 8).mean()",
        "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "net = nn.Sequential(conv(3), again(2)).eval()",
        "net = torchvision.models.resnet18(num_classes=3)",
        "act = lambda: open('a')",
        "sys.path.append('..')",
        "parser = argparse.ArgumentParser()",
        "names.append('b')",
        "net.width = 3",
        "kind = lib.Kind",
        "def f(): return open('a')",
        "plain = Plain()",
    ],
)
def test_what_defines_something(namespace, text):
    assert Definitions(namespace).work(ast.parse(text).body[0]) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("print('a')", "prints"),
        ("file = open('a')", "opens a file"),
        ("time.sleep(3)", "waits"),
        ("sys.exit()", "ends the program"),
        ("os._exit(0)", "ends the program"),
        ("subprocess.run(['a'])", "calls subprocess.run"),
        ("state = torch.load('a')", "calls torch.load"),
        ("net = torch.hub.load('a', 'b')", "calls torch.hub.load"),
        ("torch.cuda.synchronize()", "calls torch.cuda.synchronize"),
        ("net.load_state_dict({})", "loads weights"),
        ("y = net(torch.zeros(3))", "runs a network"),
        ("Path('a').mkdir()", "writes"),
        ("os.environ['a'] = 'b'", "changes os.environ['a']"),
        ("nn.Conv2d.forward = None", "changes nn.Conv2d.forward"),
        ("x = args.width", "needs args, which line 3 was to define"),
        ("del args", "needs args, which line 3 was to define"),
        ("args += 1", "needs args, which line 3 was to define"),
        ("torch.set_num_threads(3)", "calls torch.set_num_threads"),
        ("x = saved()", "calls saved, which calls torch.save"),
        ("x = outer()", "calls outer, which calls saved, which calls torch.save"),
        ("config = Config()", "calls __init__, which opens a file"),
        ("plain.show()", "calls show, which waits"),
        ("lib.run()", "calls lib.run of a package that is missing"),
        ("unknown()", "calls unknown"),
        ("for name in names: print(name)", "prints"),
        ("with open('a') as file: pass", "opens a file"),
    ],
)
def test_what_does_work(namespace, text, reason):
    assert Definitions(namespace).work(ast.parse(text).body[0]) == reason


def test_a_header_is_lost_only_for_what_its_calls_say_of_themselves(namespace):
    rules = Definitions(namespace, is_header=True)
    assert rules.work(ast.parse("subprocess.list2cmdline(['a'])").body[0]) == ""
    assert rules.work(ast.parse("time.sleep(1)").body[0]) == "waits"


def test_names_that_a_statement_defines():
    text = "with open('a') as f:\n    import os.path, sys as s\n    a, (b, c.d) = 1, e\n    def g():\n        h = 1\n"
    assert bound_names(ast.parse(text).body[0]) == {"f", "os", "s", "a", "b", "g"}
