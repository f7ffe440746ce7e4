"""`convwright models`: the zoo as a table."""

from fnmatch import fnmatch
from typing import Annotated

import typer

from ..errors import unknown


def models(
    pattern: Annotated[
        str, typer.Argument(help="Part of a name, or a pattern such as 'resnet*'; all models when left out.")
    ] = "",
) -> None:
    """List the architectures that `build` knows.

    `convwright models` lists all of them, `convwright models efficientnet` those with that word in their name,
    `convwright models '*_cifar'` those that a pattern fits.
    """
    from rich.console import Console
    from rich.table import Table

    from .. import units
    from ..models import build, family_of, model_names

    chosen = [name for name in model_names() if fnmatch(name, pattern) or pattern in name]
    if not chosen:
        raise unknown("model", pattern, model_names(), hint="`convwright models` lists all")
    table = Table("model", "family", title=f"{len(chosen)} models")
    table.add_column("parameters", justify="right")
    table.add_column("default input", justify="right")
    for name in chosen:
        model = build(name, device="meta")
        size = f"{model.config.in_channels}x{model.config.input_size}x{model.config.input_size}"
        parameters = sum(p.numel() for p in model.parameters())
        table.add_row(name, family_of(name), units.count(parameters), size)
    Console().print(table)
