"""Arguments and options that several verbs share: one name, one type and one help each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import files
from ..errors import ConvwrightError

if TYPE_CHECKING:
    from ..training import Recipe

model_option = typer.Option(
    "--model",
    metavar="MODEL",
    help="A zoo name, torchvision:NAME, timm:NAME, path/to/file.py:factory, package.module:factory, net.pt2 of "
    "torch.export, net.onnx, or net.pt of TorchScript; a file alone stands for its only network.",
)
set_option = typer.Option(
    "--set", metavar="FIELD=VALUE", help="Set a field of the recipe, as --set optimizer.lr=0.1; repeatable."
)
recipe_option = typer.Option("--recipe", help="A preset, of `convwright train --recipes`, or a TOML file.")
format_option = typer.Option("--format", help="Format of the output.")
latency_help = "Measure latency on this machine."

Model = Annotated[str, typer.Argument(metavar="MODEL", help=model_option.help)]
Arguments = Annotated[
    list[str] | None,
    typer.Option(
        "--arg",
        metavar="KEY=VALUE",
        help="Argument of the factory, as --arg num_classes=10; others that it needs are found; repeatable.",
    ),
]
RunAll = Annotated[
    bool,
    typer.Option("--import", help="Run all of the file, as Python would; else only what defines something."),
]
TimeLimit = Annotated[
    float,
    typer.Option(
        "--time-limit",
        min=0.1,
        metavar="SECONDS",
        help="Time for each step: to read a file of yours, to build a network, to look at it.",
    ),
]
MemoryLimit = Annotated[
    float | None,
    typer.Option(
        "--memory-limit", min=0.01, metavar="GB", help="Memory for a file of yours; by default half of what is free."
    ),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="[NAME=]CxHxW[:DTYPE]",
        help="Shape of an input, batch of 1 if left out, found if not given; repeat for several, and for items of a "
        "list or mapping (maps.0=1x8x64x64, maps.p3=...). NAME:=VALUE gives a number, text, ... that is no tensor.",
    ),
]
Overrides = Annotated[list[str] | None, set_option]
SkipCorrupt = Annotated[bool, typer.Option("--skip-corrupt", help="Leave out images that cannot be read.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]


# Options whose default differs from verb to verb, by the words that its help shows for it.


def output_option(default: str | bool = True) -> Any:
    """Make the option that says where a verb writes."""
    return typer.Option(
        "--output", "-o", metavar="PATH", help="File to write, or folder of a report.", show_default=default
    )


def run_option(default: str | bool = True) -> Any:
    """Make the option that says in which folder something is run; a verb that reads a run takes it as argument."""
    help_ = "Folder of the run: everything that it keeps, so that it can go on."
    return typer.Option("--run", metavar="FOLDER", help=help_, show_default=default)


NoValues = Annotated[
    bool,
    typer.Option("--no-values", help="Never compute: a network whose path depends on numbers is an error."),
]


def data_option(default: str | bool = True) -> Any:
    """Make the option that names data."""
    help_ = "A named set (cifar10-mini ships with the package), a folder with one folder per class, Parquet, ..."
    return typer.Option("--data", metavar="NAME|FOLDER|FILE", help=help_, show_default=default)


def seeds_option(default: str | bool = True) -> Any:
    """Make the option that says how often everything is run."""
    return typer.Option("--seeds", min=1, help="Number of runs of each arm or strategy, paired.", show_default=default)


Output = Annotated[Path | None, output_option("the terminal")]


def read_recipe(name: str, overrides: Sequence[str] | None, seed: int | None = None) -> "Recipe":
    """Read a preset or a TOML file, with fields set by `--set`."""
    from ..training import Recipe, preset

    found = Recipe.read(Path(name)) if name.endswith(".toml") else preset(name)
    found = found.with_overrides(overrides or [])
    return found if seed is None else replace(found, seed=seed)


def short_name(text: str) -> str:
    """Return the name of a MODEL or of data in the name of a folder."""
    return Path(text.rpartition(":")[2]).stem or "model"


@contextmanager
def stoppable(words: str) -> Iterator[None]:
    """Let Ctrl-C end the command with these words and exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"\nstopped; {words}", err=True)
        raise typer.Exit(130) from None


def print_error(error: ConvwrightError) -> None:
    """Print an error to stderr."""
    typer.secho("error: ", fg="red", bold=True, err=True, nl=False)
    typer.echo(str(error), err=True)


def put(text: str, output: Path | None) -> None:
    """Write text to the file that `--output` names, or to the terminal."""
    if output:
        write(text, output)
    else:
        typer.echo(text, nl=False)


def require_folder_of(output: Path) -> None:
    """Refuse an `--output` in a folder that does not exist: more likely a slip of the pen than a wish for folders."""
    if not output.parent.is_dir():
        raise ConvwrightError(f"cannot write {output} (no folder {output.parent})", hint="choose another --output")


def write(text: str | bytes, output: Path) -> None:
    """Write what a command gives to the file that `--output` names."""
    require_folder_of(output)
    files.write(output, text, hint="choose another --output")
    typer.echo(f"wrote {output}")
