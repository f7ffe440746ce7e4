"""`convwright new`: write a layer, family, rule, study, lesson or export format, and its test, as a start."""

import keyword
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from ..errors import ConvwrightError
from ..files import read_text, write_files

app = typer.Typer(
    help="Write a new layer, family, lint rule, study, lesson or export format, and its test, into a checkout of "
    "convwright.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Name of the class (SqueezeNet) or of the file (squeezenet).")]


@dataclass(frozen=True, kw_only=True)
class Naming:
    """Names of the thing to write.

    Attributes
    ----------
    module : str
        Name of the file, in snake_case.
    class_name : str
        Name of the class, with the capitals that were given.
    """

    module: str
    class_name: str

    @property
    def title(self) -> str:
        """The name as words with dashes: `soft-pools`."""
        return self.module.replace("_", "-")


def naming(text: str) -> Naming:
    """Return the names that follow from a class name or a file name.

    Raises
    ------
    ConvwrightError
        When it is neither.

    Examples
    --------
    >>> naming("SqueezeNet")
    Naming(module='squeezenet', class_name='SqueezeNet')
    >>> naming("ShuffleNetV2").module, naming("SEResNet").module, naming("soft_sign").class_name
    ('shufflenet_v2', 'se_resnet', 'SoftSign')
    """
    if re.fullmatch(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*", text):
        module = text.replace("-", "_")
        class_name = "".join(word[:1].upper() + word[1:] for word in module.split("_"))
    else:
        joined = re.sub(r"(?<=[a-z])(Net|NeXt)", lambda match: match[0].lower(), text)  # SqueezeNet: squeezenet
        module = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z0-9])|(?<=[A-Z])(?=[A-Z][a-z])", "_", joined).lower()
        class_name = text
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", class_name) or keyword.iskeyword(module):
        raise ConvwrightError(
            f"name {text!r}", expected="a class name, such as SqueezeNet, or snake_case, such as soft_pool"
        )
    return Naming(module=module, class_name=class_name)


@app.command("layer")
def layer(
    name: Name,
    pooling: Annotated[bool, typer.Option("--pooling", help="A pooling layer over windows.")] = False,
) -> None:
    """Write `layers/NAME.py` and `tests/layers/test_NAME.py`; with --pooling, in their `pooling` folders.

    Both work as they stand (a depthwise convolution, or an average): change them to what you want. The contract tests
    find the layer by themselves.
    """
    if not pooling:
        _write("layer", "layers", naming(name), "layers")
        return
    stem = naming(re.sub("_?[Pp]ool2d$", "", name))
    _write("pooling", "layers/pooling", Naming(module=stem.module, class_name=f"{stem.class_name}Pool2d"), "layers")


@app.command("family")
def family(name: Name) -> None:
    """Write `models/NAME.py` and `tests/models/test_NAME.py`: an architecture with its variants.

    Both work as they stand (three stages of convolutions): change them to your architecture. The contract tests and
    `convwright models` find the family by themselves.
    """
    _write("family", "models", naming(name), "models")


@app.command("rule")
def rule(
    name: Name,
    topic: Annotated[str, typer.Option(metavar="TOPIC", help="Folder of the rule in linter/rules, as `shape`.")],
) -> None:
    """Write `linter/rules/TOPIC/NAME.py` and its test; NAME is the pattern that is flagged, not the cure.

    Both work as they stand (the rule flags softsign): change them to your pattern. The contract tests and
    `convwright explain` find the rule by themselves. Its code is the next after the highest of the topic.
    """
    from ..linter.engine import next_code

    named = naming(naming(name).module)  # a rule's class is its file's name, word by word
    _write("rule", f"linter/rules/{topic}", named, "rules", code=next_code(topic))


@app.command("study")
def study(name: Name) -> None:
    """Write `studies/library/NAME.py` and `tests/studies/library/test_NAME.py`.

    Both work as they stand (maximum against average pooling): change them to your question. The contract tests and
    `convwright study list` find the study by themselves.
    """
    _write("study", "studies/library", naming(name), "studies")


@app.command("lesson")
def lesson(name: Name) -> None:
    """Write `studio/bricks/lessons/NAME.py` and its test: a lesson of the studio's page on convolution and pooling.

    Both work as they stand (the maximum over a growing window): change them to what you want to show. The contract
    tests and the page find the lesson by themselves.
    """
    _write("lesson", "studio/bricks/lessons", naming(name), "lessons")


@app.command("format")
def export_format(name: Name) -> None:
    """Write `transfer_learning/formats/NAME.py` and its test: a format of `convwright export`.

    Both work as they stand: change them to your format. The contract tests and `convwright export` find it by
    themselves.
    """
    _write("format", "transfer_learning/formats", naming(name), "formats")


def _write(kind: str, folder: str, named: Naming, contract: str, **more: str) -> None:
    root = _checkout(Path.cwd())
    module = root / "src/convwright" / folder / f"{named.module}.py"
    test = root / "tests" / folder / f"test_{named.module}.py"
    for path in (module, test):
        if path.exists():
            raise ConvwrightError(f"{path.relative_to(root)} exists already", hint="choose another name")
    templates = Path(__file__).parent / "templates"
    words = {
        "name": named.module,
        "Name": named.class_name,
        "title": named.title,
        "Title": named.module.replace("_", " ").capitalize(),
        **more,
    }
    texts = {module: f"{kind}.py.txt", test: f"test_{kind}.py.txt"}
    write_files({path: Template(read_text(templates / text)).substitute(words) for path, text in texts.items()})
    for path in texts:
        typer.echo(f"wrote {path.relative_to(root)}")
    wanted = " or ".join(dict.fromkeys((named.module, named.title)))
    typer.echo("Both pass as they stand. Fill them in, and run:")
    tests = f"{test.relative_to(root)} tests/contracts/test_{contract}.py"
    typer.echo(f'  CONVWRIGHT_SAMPLE=all python -m pytest {tests} -k "{wanted}"')
    typer.echo("Then `make docs` writes its page, and `make test` runs everything.")


def _checkout(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / "src/convwright/layers").is_dir() and (folder / "tests").is_dir():
            return folder
    raise ConvwrightError(
        f"{start} is not in a checkout of convwright",
        expected="a folder with src/convwright and tests, or one inside it",
        hint="clone the repository and run this there",
    )
