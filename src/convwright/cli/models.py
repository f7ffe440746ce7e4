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

    from .. import units
    from ..analysis.macs import count_macs
    from ..graph import trace
    from ..models import build, family_of, model_names
    from ._tables import plain_table

    chosen = [name for name in model_names() if fnmatch(name, pattern) or pattern in name]
    if not chosen:
        raise unknown("model", pattern, model_names(), hint="`convwright models` lists all")
    table = plain_table("model", "family", right=("parameters", "MACs", "default input"))
    table.title = f"{len(chosen)} models"
    console = Console()
    with console.status("building ..."):
        for name in chosen:
            model = build(name, device="meta").eval()
            shape = (model.config.in_channels, model.config.input_size, model.config.input_size)
            parameters = sum(p.numel() for p in model.parameters())
            macs = count_macs(trace(model, (1, *shape))).macs
            table.add_row(name, family_of(name), units.count(parameters), units.count(macs), units.size(shape))
    console.print(table)
