"""The rules of the house that no tool knows."""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "convwright"
MOST_LINES, MOST_FUNCTION_LINES = 300, 50
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")  # in two halves: this file obeys too

# Rooms of many small parts behind few doors (`trace`, the passes, `build`): tested by what comes out of the doors.
WITHOUT_MIRROR = {"analysis", "graph", "models"}

# What only the root knows and anybody may ask for, relatively: it imports nothing heavy.
OWN_FACTS = {"__version__"}

# Who else writes by itself, and why; `files` is the one writer.
OWN_WRITERS = {"transfer_learning/peak_memory.py": "resets a counter of the kernel, which is no file on a disk"}

FILES = sorted(
    path
    for folder, pattern in (
        ("src", "**/*.py"),
        ("tests", "**/*.py"),
        ("benchmarks", "**/*.py"),
        ("examples", "**/*.py"),
        ("docs", "*.py"),
    )
    for path in (ROOT / folder).glob(pattern)
)
MODULES = [path for path in FILES if path.is_relative_to(PACKAGE)]


def named(paths: list[Path]) -> list:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports_of_the_root(path: Path) -> Iterator[str]:
    """Names taken from the package itself rather than from one of its modules."""
    inside, modules = path.relative_to(PACKAGE).parts, {entry.stem for entry in PACKAGE.iterdir()}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name == PACKAGE.name)
        elif isinstance(node, ast.ImportFrom):
            relative = node.level == len(inside) and node.module is None
            absolute = node.level == 0 and node.module == PACKAGE.name
            allowed = modules | OWN_FACTS if relative else set()
            yield from (alias.name for alias in node.names if (relative or absolute) and alias.name not in allowed)


def mode_of(call: ast.Call, *, position: int) -> object:
    """Return the mode that a call of `open` gives as a constant, else None."""
    given = [*call.args[position : position + 1], *(each.value for each in call.keywords if each.arg == "mode")]
    return next((mode.value for mode in given if isinstance(mode, ast.Constant)), None)


def accesses_a_file(call: ast.Call) -> bool:
    """Return whether a call opens a file, except for reading bytes, or renames one."""
    called = call.func
    if isinstance(called, ast.Name):
        return called.id == "open" and mode_of(call, position=1) != "rb"
    if not isinstance(called, ast.Attribute):
        return False
    owner = called.value.id if isinstance(called.value, ast.Name) else ""
    if called.attr == "open":  # `Image.open(stream)` and a page's `open(query)` have an argument that is no mode
        mode = mode_of(call, position=0)
        is_mode = isinstance(mode, str) and re.fullmatch("[rwaxbt+]+", mode)
        return owner in ("os", "io", "codecs") or (mode != "rb" if is_mode else not call.args)
    if called.attr == "replace":  # of a string it takes two arguments, of a date keywords
        return owner == "os" or (len(call.args) == 1 and not call.keywords)
    return owner != "files" and called.attr in ("read_text", "write_text", "write_bytes", "rename", "touch", "tofile")


def file_accesses(text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None)]
            found += [ast.unparse(node)] if "tempfile" in names else []
        elif isinstance(node, ast.Call) and accesses_a_file(node):
            found.append(ast.unparse(node))
    return found


def test_there_is_something_to_check():
    assert len(MODULES) > 40
    assert Path(__file__) in FILES


@pytest.mark.parametrize("path", named(FILES))
def test_files_and_functions_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions(path)}
    assert {name: length for name, length in lengths.items() if length > MOST_FUNCTION_LINES} == {}


def test_a_class_name_exists_once():
    places = defaultdict(list)
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", named([path for path in FILES if not path.is_relative_to(ROOT / "src")]))
def test_what_scripts_and_tests_import_exists(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == PACKAGE.name:
            module = importlib.import_module(node.module)
            for alias in node.names:
                if not hasattr(module, alias.name):
                    importlib.import_module(f"{node.module}.{alias.name}")


@pytest.mark.parametrize("path", named(FILES))
def test_nothing_is_left_for_later(path):
    assert UNFINISHED.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", named(MODULES))
def test_nobody_inside_imports_the_package_root(path):
    assert list(imports_of_the_root(path)) == []


@pytest.mark.parametrize("path", named([path for path in MODULES if path.name != "__init__.py"]))
def test_every_module_has_its_test_file(path):
    inside = path.relative_to(PACKAGE)
    if inside.parts[0] in WITHOUT_MIRROR:
        pytest.skip("tested through the doors of its room")
    assert (ROOT / "tests" / inside.parent / f"test_{path.name.lstrip('_')}").exists()


@pytest.mark.parametrize("path", named([path for path in MODULES if path != PACKAGE / "files.py"]))
def test_only_files_opens_and_writes_files(path):
    accesses = file_accesses(path.read_text(encoding="utf-8"))
    assert len(accesses) == (path.relative_to(PACKAGE).as_posix() in OWN_WRITERS), accesses


def sets_modes(path: Path) -> bool:
    """Return whether a module assigns `training`, or keeps it to hand it to `train(mode)`.

    The latter puts one mode into a whole network, whose layers may have had modes of their own.
    """
    for function in functions(path):
        nodes = list(ast.walk(function))
        assigned = [(node.targets[0], node.value) for node in nodes if isinstance(node, ast.Assign)]
        kept = {ast.unparse(target) for target, value in assigned if getattr(value, "attr", "") == "training"}
        calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "train"]
        given = {ast.unparse(argument) for call in calls for argument in call.args}
        if kept & given or any(getattr(target, "attr", "") == "training" for target, _ in assigned):
            return True
    return False


def test_only_in_mode_puts_modes_back():
    setters = {path.relative_to(PACKAGE).as_posix() for path in MODULES if sets_modes(path)}
    # A freezing says, for each layer of a training, which mode it has now.
    assert setters == {"graph/modes.py", "training/freezing.py"}


def opens_with_a_question(text: str) -> list[str]:
    """Docstrings that begin with a word that asks."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [ast.get_docstring(node) or "" for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
    return [each for each in found if re.match(r"(What|Whether|Where|Which|Who|Why|When|How|Of)\b", each)]


def test_no_docstring_begins_with_a_question():
    found = {path.name: opens_with_a_question(path.read_text(encoding="utf-8")) for path in MODULES}
    assert {name: texts for name, texts in found.items() if texts} == {}
    assert opens_with_a_question('class A:\n    """How it is."""\n') == ["How it is."]


def test_scripts_name_the_encoding_of_text():
    scripts = [path for path in FILES if path.parent.name in ("docs", "benchmarks", "examples")]
    accesses = [access for path in scripts for access in file_accesses(path.read_text(encoding="utf-8"))]
    assert len(scripts) > 10
    assert [access for access in accesses if "_text(" in access and "encoding=" not in access] == []


FILE_ACCESSES = """open(path); open(path, 'w'); open(path, mode='a'); path.open(); path.open('r'); path.open(mode='wb')
path.open(encoding='utf-8'); os.open(path, 0); path.read_text(); path.write_text(text); path.write_bytes(content)
os.replace(a, b); a.replace(b); os.rename(a, b); path.touch(); import tempfile; from tempfile import mkdtemp"""
OTHER_CALLS = """open(path, 'rb'); path.open('rb'); path.open(mode='rb'); path.read_bytes(); Image.open(stream)
self.open({'model': name}); text.replace('a', 'b'); replace(recipe, seed=1); day.replace(hour=1)
files.write(path, text); read_text(path)"""


def test_the_rule_on_files_sees_what_it_should():
    assert sorted(file_accesses(FILE_ACCESSES)) == sorted(FILE_ACCESSES.replace("\n", "; ").split("; "))
    assert file_accesses(OTHER_CALLS) == []


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("import convwright", ["convwright"]),
        ("from convwright import build", ["build"]),
        ("from ... import build", ["build"]),
        ("from ... import __version__", []),
        ("from ... import geometry", []),
        ("from ...errors import ConvwrightError", []),
        ("import convwright.layers", []),
    ],
)
def test_the_import_rule_sees_what_it_should(line, taken, monkeypatch):
    path = PACKAGE / "layers" / "pooling" / "imagined.py"
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: line)
    assert list(imports_of_the_root(path)) == taken
