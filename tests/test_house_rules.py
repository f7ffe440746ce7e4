"""The rules of the house that no tool knows."""

import ast
import re
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
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports_of_the_root(path: Path) -> Iterator[str]:
    """Names taken from the package itself rather than from one of its modules."""
    inside, modules = path.relative_to(PACKAGE).parts, {entry.stem for entry in PACKAGE.iterdir()}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name == PACKAGE.name)
        elif isinstance(node, ast.ImportFrom):
            relative = node.level == len(inside) and node.module is None
            absolute = node.level == 0 and node.module == PACKAGE.name
            allowed = modules | OWN_FACTS if relative else set()
            yield from (alias.name for alias in node.names if (relative or absolute) and alias.name not in allowed)


def test_there_is_something_to_check():
    assert len(MODULES) > 40
    assert Path(__file__) in FILES


@pytest.mark.parametrize("path", named(FILES))
def test_files_and_functions_are_short(path):
    assert len(path.read_text().splitlines()) <= MOST_LINES
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions(path)}
    assert {name: length for name, length in lengths.items() if length > MOST_FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", named(FILES))
def test_nothing_is_left_for_later(path):
    assert UNFINISHED.findall(path.read_text()) == []


@pytest.mark.parametrize("path", named(MODULES))
def test_nobody_inside_imports_the_package_root(path):
    assert list(imports_of_the_root(path)) == []


@pytest.mark.parametrize("path", named([path for path in MODULES if path.name != "__init__.py"]))
def test_every_module_has_its_test_file(path):
    inside = path.relative_to(PACKAGE)
    if inside.parts[0] in WITHOUT_MIRROR:
        pytest.skip("tested through the doors of its room")
    assert (ROOT / "tests" / inside.parent / f"test_{path.name.lstrip('_')}").exists()


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
    monkeypatch.setattr(Path, "read_text", lambda _self: line)
    assert list(imports_of_the_root(path)) == taken
