"""`convwright studio`: the local web app."""

from typing import Annotated

import typer

from ..child_process import SERVER, end_all
from ._arguments import Arguments, Inputs, RunAll


def studio(
    model: Annotated[
        str,
        typer.Argument(metavar="[MODEL]", help="Network to open, as for analyze; by default resnet50."),
    ] = "",
    inputs: Inputs = None,
    arguments: Arguments = None,
    run_all: RunAll = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 8080,
) -> None:
    """Design networks in the browser: turn knobs, and see shapes, costs, fields and findings change.

    `convwright studio`

    `convwright studio net.py:Net --input 1x28x28 --port 9000`

    Only browsers of this machine that have the printed address, with its token, are let in. No other file than
    MODEL's is opened. Ctrl-C ends it.
    """
    from ..networks import parse_arguments
    from ..studio.shared.workbench import Workbench
    from ..studio.web.server import serve

    SERVER.serve("convwright.cli._preloaded")  # soon there are threads
    inputs_text = ", ".join(inputs or [])
    bench = Workbench(model, parse_arguments(arguments or []), run_all=run_all, inputs=inputs_text)

    def add() -> None:
        from ..studio.pages import add_pages  # with NiceGUI, which `serve` asks for first

        add_pages(bench)

    try:
        serve(add, port, lambda address: typer.echo(f"open {address}\nCtrl-C ends it"))
    finally:
        end_all()
