"""The page of rooms: floors from the import contract, rooms and modules from their docstrings."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/convwright"
CATALOGS = {  # folders of many files that have pages of their own
    "linter/rules": "[The rules](linter.md), one a file.",
    "studies/library": "[The studies](studies.md), one a file.",
}


def floors() -> list[str]:
    """The import contract from the lowest floor to the highest, as `room | room`."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in config["contracts"] if contract["type"] == "layers")
    return [re.sub(r"[()]", "", floor) for floor in reversed(layers) if "__main__" not in floor]


def floors_text() -> str:
    """The floors as a drawing, the highest first."""
    rows = [f"{number:>2} {floor}" for number, floor in enumerate(floors())]
    return "\n".join(reversed(rows)) + "\n"


def rooms_page() -> str:
    text = (
        "# Rooms\n\nEvery module by floor, with the first line of its docstring. "
        "[ARCHITECTURE](../ARCHITECTURE.md) says why the floors are as they are.\n"
    )
    for number, floor in reversed(list(enumerate(floors()))):
        for room in floor.split(" | "):
            text += f"\n## {room}\n\nFloor {number}. {_room(PACKAGE / room)}"
    return text


def _room(path: Path) -> str:
    if not path.is_dir():
        return f"{_docstring(path.with_suffix('.py'))}\n"
    text = f"{_docstring(path / '__init__.py')}\n\n"
    rows = "".join(f"| {name} | {words} |\n" for name, words in _modules(path))
    return f"{text}| module | what it holds |\n|---|---|\n{rows}"


def _modules(room: Path) -> list[tuple[str, str]]:
    rows = []
    for path in sorted(room.rglob("*.py"), key=lambda path: (len(path.relative_to(room).parts) > 1, str(path))):
        folder = path.parent.relative_to(PACKAGE).as_posix()
        catalog = next((name for name in CATALOGS if f"{folder}/".startswith(f"{name}/")), None)
        if catalog is None and path != room / "__init__.py" and _first_line(path):
            name = path.relative_to(room).as_posix().replace("/__init__.py", "/")
            rows.append((f"`{name}`", _first_line(path)))
    named = [(name, words) for name, words in CATALOGS.items() if name.startswith(f"{room.name}/")]
    return rows + [(f"`{name.partition('/')[2]}/`", words) for name, words in named]


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def _first_line(path: Path) -> str:
    return " ".join(_docstring(path).partition("\n\n")[0].split()).replace("|", "\\|")
