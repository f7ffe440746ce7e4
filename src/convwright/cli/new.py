"""`convwright new`: write a layer, a model, a lint rule or a study, and its test, ready to be filled in."""

import keyword
import re
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from ..errors import ConvwrightError
from ..files import read_text, write_files

app = typer.Typer(
    help="Write a new layer, model, lint rule or study, and its test, into a checkout of convwright.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="In snake_case; it becomes the file's name.")]


@app.command("layer")
def layer(
    name: Name,
    pooling: Annotated[bool, typer.Option("--pooling", help="A pooling layer over windows.")] = False,
) -> None:
    """Write `layers/NAME.py` and `tests/layers/test_NAME.py`; with --pooling, in their `pooling` folders.

    What is written works as it stands (a depthwise convolution, or an average): change it to what you want. The
    contract tests find it by themselves.
    """
    folder = "layers/pooling" if pooling else "layers"
    _write("pooling" if pooling else "layer", folder, name, "Pool2d" if pooling else "")


@app.command("model")
def model(name: Name) -> None:
    """Write `models/NAME.py` and `tests/models/test_NAME.py`.

    What is written works as it stands (three stages of convolutions): change it to your architecture. The contract
    tests and `convwright models` find it by themselves.
    """
    _write("model", "models", name, "")


class Topic(StrEnum):
    """What a rule is about; its place here is the first digit of the code."""

    shape = "shape"
    field = "field"
    normalization = "normalization"
    cost = "cost"
    blocks = "blocks"
    head = "head"
    pooling = "pooling"
    deployment = "deployment"


@app.command("rule")
def rule(name: Name, topic: Annotated[Topic, typer.Option(help="Folder of the rule.")]) -> None:
    """Write `linter/rules/TOPIC/NAME.py` and its test; NAME is the pattern that is flagged, not the cure.

    What is written works as it stands (it flags softsign): change it to your pattern. The contract tests and
    `convwright explain` find it by themselves.
    """
    from ..linter.engine import all_rules

    first = 100 * (1 + list(Topic).index(topic))
    free = next(number for number in range(first + 1, first + 100) if f"CW{number}" not in all_rules())
    _write("rule", f"linter/rules/{topic}", name, "", code=f"CW{free}")


@app.command("study")
def study(name: Name) -> None:
    """Write `studies/library/NAME.py` and `tests/studies/library/test_NAME.py`.

    What is written works as it stands (maximum against average pooling): change it to your question. The contract
    tests and `convwright study list` find it by themselves.
    """
    _write("study", "studies/library", name, "", title=name.replace("_", "-"))


def _write(kind: str, folder: str, name: str, suffix: str, **more: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise ConvwrightError(f"name {name!r}", expected="snake_case, such as soft_pool")
    root = _checkout(Path.cwd())
    words = {"name": name, "Name": "".join(word.capitalize() for word in name.split("_")) + suffix, **more}
    files = {
        root / "src/convwright" / folder / f"{name}.py": f"{kind}.py.txt",
        root / "tests" / folder / f"test_{name}.py": f"test_{kind}.py.txt",
    }
    for path in files:
        if path.exists():
            raise ConvwrightError(f"{path.relative_to(root)} exists already", hint="choose another name")
    templates = Path(__file__).parent / "templates"
    write_files({path: Template(read_text(templates / template)).substitute(words) for path, template in files.items()})
    for path in files:
        typer.echo(f"wrote {path.relative_to(root)}")
    typer.echo(f"next: fill them in, then `python -m pytest tests/contracts {' '.join(_tests(files, root))}`")


def _tests(files: dict[Path, str], root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in files if path.name.startswith("test_")]


def _checkout(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / "src/convwright/layers").is_dir() and (folder / "tests").is_dir():
            return folder
    raise ConvwrightError(
        f"{start} is not in a checkout of convwright",
        expected="a folder with src/convwright and tests, or one inside it",
        hint="clone the repository and run this there",
    )
