"""`convwright`: the verbs, and what happens to errors."""

import sys
from typing import Annotated

import typer

from .. import __version__
from ..child_process import SERVER
from ..errors import ConvwrightError
from ..extras import needs_extra
from . import (
    analyze,
    compare,
    demo,
    draw,
    evaluate,
    explain,
    export,
    field,
    lint,
    models,
    new,
    sizes,
    studio,
    study,
    train,
    transfer,
)
from ._arguments import print_error

app = typer.Typer(
    help="The workbench for people who design convolutional networks in PyTorch.",
    epilog="`convwright VERB --help` explains a verb, with examples. "
    "Exit codes: 0 done, 1 findings (of lint), 2 could not be done.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("models")(models.models)
app.command("analyze")(analyze.analyze)
app.command("compare")(compare.compare)
app.command("lint")(lint.lint)
app.command("explain")(explain.explain)
app.command("train")(train.train)
app.command("transfer")(transfer.transfer)
app.command("evaluate")(evaluate.evaluate)
app.command("predict")(evaluate.predict)
app.command("export")(export.export)
app.command("field")(field.field)
app.command("draw")(draw.draw)
app.command("sizes")(sizes.sizes)
app.command("studio")(studio.studio)
app.command("demo")(demo.demo)
app.add_typer(study.app, name="study")
app.add_typer(new.app, name="new")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"convwright {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """The workbench for people who design convolutional networks in PyTorch."""


def main() -> None:
    """Run the command line; an error that was foreseen ends with exit code 2 and no traceback."""
    SERVER.fork_from_here()  # no verb that opens a user's file has threads, or computes anything before
    try:
        with needs_extra():
            app()
    except ConvwrightError as error:
        print_error(error)
        sys.exit(2)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        sys.stderr.close()
        sys.exit(0)
