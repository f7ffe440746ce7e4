"""Values of expressions in files that were read, or executed for their definitions."""

import ast

import pytest

from convwright.networks.evidence.repository import Repository
from convwright.networks.evidence.source_file import SourceFile
from convwright.networks.evidence.values import Value, Values
from convwright.networks.reading.file_import import fresh_imports, load_file
from convwright.networks.reading.reader import file_reader


def value_in(folder, text, *, name="net.py", executed=True, function="show"):
    """Return the value of the argument of the last call of `show` in a file."""
    (folder / name).write_text(text)
    with fresh_imports(), file_reader(str(folder / name)) as reader:
        namespace = vars(load_file(str(folder / name), reader)) if executed else None
        source = SourceFile.read(folder / name, namespace)
        call = next(call for call in reversed(source.calls) if ast.unparse(call.func) == function)
        return Values(Repository(source, reader)).of(call.args[0], source)


@pytest.mark.parametrize(
    ("before", "expression", "value"),
    [
        ("", "[2] * 3 + [2 ** 5]", [2, 2, 2, 32]),
        ("", "10 ** 10 ** 10", None),
        ("", "[0] * 10 ** 9", None),
        ("", "{'a': 1, **dict(b=2)}", {"a": 1, "b": 2}),
        ("", "f'{2 + 1:02d}-{0.5}'", "03-0.5"),
        ("", "[(w, 2 * w) for w in range(4) if w % 2]", [(1, 2), (3, 6)]),
        ("", "'1,2'.split(',')", ["1", "2"]),
        ("", "1 < 2 < 3 and not []", True),
        ("width = 4\n", "max(width, 3)", 4),
        ("a, (b, c) = 1, (2, 3)\n", "c", 3),
        ("import os\n", "os.environ.get('NO_SUCH_WIDTH', 3)", 3),
        ("import math\n", "math.ceil(2.5)", 3),
        ("import torch\n", "'cuda' if torch.cuda.is_available() and False else 'cpu'", "cpu"),
        ("x = input()\n", "x", None),
        ("x = open('gone.txt').read()\n", "x", None),
        ("def f():\n    print(1)\n    return 3\n", "f()", 3),
        ("def f():\n    return f()\n", "f()", None),
        ("x = y\ny = x\n", "x", None),
        ("import missing_lib\nx = missing_lib.width\n", "x", None),
        ("import missing_lib\n", "missing_lib.EasyDict({'a': {'b': 1}}).a.b", 1),
        ("import sys\n", "sys.argv[1]", None),
        ("", "locals()", None),
    ],
)
def test_expressions(tmp_path, before, expression, value):
    found = value_in(tmp_path, f"{before}print(0)\nshow({expression})\n", executed="y" not in before)
    assert (found and found.value) == value


def test_names_are_followed_through_functions(tmp_path):
    text = """
WIDTHS = [8, 16]
class Config:
    depth = 2

def outer(first, scale=3, *, config: Config):
    wide = [scale * width for width in WIDTHS]
    wide[0] = 1
    def inner():
        name = "a"
        if first == "big":
            name = "b"
        elif first == "small":
            name = "c"
        size, _ = first, 0
        for each in wide:
            show([name, size, each, wide, config.depth])
    inner()

if __name__ == "__main__":
    outer("small")
"""
    value = value_in(tmp_path, text).value
    assert value == ["c", "small", 1, [1, 48], 2]


PARSER = """
import argparse
WIDTH = 4
def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("-w", "--width", type=int, default=WIDTH * 2)
    parser.add_argument("--base-lr", type=float, default="0.5")
    parser.add_argument("--pretrained", action="store_true")
    parser.add_argument("--no-bias", dest="bias", action="store_false")
    parser.add_argument("--arch", required=True, choices=["small", "large"])
    parser.add_argument("data")
    return parser.parse_args()
"""


def test_defaults_of_a_parser(tmp_path):
    text = PARSER + "def main():\n    args = options()\n    args.classes = 10\n    show({})\nmain()\n"
    for expression, value in {"args.width": 8, "args.base_lr": 0.5, "args.arch": "small"}.items():
        assert value_in(tmp_path, text.format(expression)).value == value
    assert value_in(tmp_path, text.format("args.data")) is None
    assert value_in(tmp_path, text.format("args.width * 2")).place.endswith("net.py:6")
    kept = {"width": 8, "base_lr": 0.5, "pretrained": False, "bias": True, "arch": "small", "classes": 10}
    assert value_in(tmp_path, text.format("vars(args)")).value == kept


def test_a_parser_of_another_file(tmp_path):
    (tmp_path / "options_of_it.py").write_text(PARSER + "args = options()\n")
    text = "from options_of_it import args, options\nimport options_of_it as o\nshow([args.width, o.args.width, {}])\n"
    for executed in (True, False):
        assert value_in(tmp_path, text.format("options().width"), executed=executed).value == [8, 8, 8]


def test_settings_in_files(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "net.yaml").write_text("model:\n  width: 8\n  stages: [1, 2]\n")
    (tmp_path / "net.json").write_text('{"width": 3}')
    (tmp_path / "net.toml").write_text("width = 5\n")
    yaml = "import yaml\nfrom pathlib import Path\nwith open(Path('conf') / 'net.yaml') as f:\n"
    yaml += "    cfg = yaml.safe_load(f)\ncfg['model']['width']\nshow(cfg['model'].get('stages'))\n"
    pytest.importorskip("yaml")
    assert value_in(tmp_path, yaml).value == [1, 2]
    assert value_in(tmp_path, "import json\nshow(json.load(open('net.json'))['width'])\n").value == 3
    text = "import json\nfrom pathlib import Path\nshow(json.loads(Path('net.json').read_text())['width'])\n"
    assert value_in(tmp_path, text).value == 3
    assert value_in(tmp_path, "import tomllib\nshow(tomllib.load(open('net.toml', 'rb')))\n").value == {"width": 5}
    assert value_in(tmp_path, "import json\nshow(json.load(open('gone.json')))\n") is None
    hydra = (
        "import hydra\n@hydra.main(config_path='conf', config_name='net')\ndef main(cfg):\n    show(cfg.model.width)\n"
    )
    assert value_in(tmp_path, hydra).value == 8


def test_a_file_that_is_only_read_gets_its_names_from_what_it_imports(tmp_path):
    (tmp_path / "settings_of_it.py").write_text(
        "import sys\nfrom dataclasses import dataclass\nWIDTH = 3\n"
        "@dataclass\nclass Config:\n    depth: int = 2\n    def wide(self):\n        return self.depth * WIDTH\n"
    )
    text = "from settings_of_it import *\nimport math\nshow([WIDTH, Config(depth=4).wide(), math.pi])\n"
    assert value_in(tmp_path, text, executed=False).value == [3, 12, 3.141592653589793]


def test_nothing_is_run(tmp_path):
    text = "import os\ndef f():\n    os.makedirs('made')\n    return 4\nshow(f())\n"
    assert value_in(tmp_path, text) == Value(4, f"{tmp_path}/net.py:4")
    assert not (tmp_path / "made").exists()


def test_settings_of_a_missing_package_and_flags(tmp_path):
    text = (
        "from wild_missing_yacs import CN\n_C = CN()\n_C.MODEL = CN()\n_C.MODEL.WIDTH = 12\n"
        "def defaults():\n    return _C.clone()\ncfg = defaults()\nshow([cfg.MODEL.WIDTH, cfg['MODEL']['WIDTH']])\n"
    )
    assert value_in(tmp_path, text).value == [12, 12]
    text = (
        "from wild_missing_absl import flags\nFLAGS = flags.FLAGS\nflags.DEFINE_integer('depth', 3, 'Depth.')\n"
        "flags.DEFINE_integer('width', 24, 'Channels.')\nshow(FLAGS.width)\n"
    )
    assert value_in(tmp_path, text) == Value(24, f"{tmp_path}/net.py:4")
    assert value_in(tmp_path, text.replace("FLAGS.width", "FLAGS.height")) is None
