"""MODEL, `--arg`, `--input`, `--output`, `--recipe` and `--set`: what several verbs share."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import files
from ..errors import ConvwrightError

if TYPE_CHECKING:
    from ..networks import Network
    from ..training import Recipe

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A zoo name, torchvision:NAME, timm:NAME, path/to/file.py:factory or package.module:factory.",
    ),
]
Arguments = Annotated[
    list[str] | None,
    typer.Option("--arg", metavar="KEY=VALUE", help="Passed to the factory, as --arg num_classes=10; repeatable."),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option("--input", metavar="CxHxW", help="Shape of an input, batch of 1 if left out; repeat for several."),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of the terminal.")]


def resolve(model: str, arguments: Sequence[str] | None, *, computes: bool = False) -> "Network":
    """Open the network that was named, in eval mode; a zoo network has weights only where it `computes`."""
    from ..networks import NetworkName, open_network, parse_arguments

    name = NetworkName(text=model, arguments=parse_arguments(arguments or []))
    network = open_network(name, computes=computes)
    network.module.eval()
    return network


def shapes(network: "Network", inputs: Sequence[str] | None) -> list[tuple[int, ...]]:
    """Return the shape of every input, batch included: as given, else the network's own."""
    from ..networks import parse_input

    return [parse_input(text) for text in inputs] if inputs else [network.default_input]


def read_recipe(name: str, overrides: Sequence[str] | None, seed: int | None = None) -> "Recipe":
    """A preset or a TOML file, with fields set by `--set`."""
    from ..training import Recipe, preset

    found = Recipe.read(Path(name)) if name.endswith(".toml") else preset(name)
    found = found.with_overrides(overrides or [])
    return found if seed is None else replace(found, seed=seed)


def short_name(text: str) -> str:
    """What a MODEL or data are called in the name of a folder."""
    return Path(text.rpartition(":")[2]).stem or "model"


def write(text: str | bytes, output: Path) -> None:
    """Write what a command gives to the file that `--output` names."""
    if not output.parent.is_dir():  # more likely a slip of the pen than a wish for folders
        raise ConvwrightError(f"cannot write {output} (no folder {output.parent})", hint="choose another --output")
    files.write(output, text, hint="choose another --output")
    typer.echo(f"wrote {output}")
