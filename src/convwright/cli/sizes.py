"""`convwright sizes`: map sizes and receptive field through a list of windows."""

from typing import Annotated

import typer

from .. import geometry
from ..errors import ConvwrightError


def sizes(
    layers: Annotated[
        str,
        typer.Argument(help="Windows in order, each 'kernel,stride,padding' or 'kernel,stride,padding,dilation'."),
    ],
    size: Annotated[int, typer.Option("--size", help="Height or width of the image, in pixels.")] = 224,
) -> None:
    """Trace the size of a map, and what one position sees, through convolutions and pools.

    `convwright sizes "3,1,1 2,2,0 3,1,1 2,2,0" --size 32` is two convolutions with a 2x2 pool after each;
    `convwright sizes "7,2,3 3,2,1"` is the stem of a ResNet.
    """
    from rich.console import Console
    from rich.table import Table

    windows = [_window(text, number) for number, text in enumerate(layers.split(), start=1)]
    if not windows:
        raise ConvwrightError("layers", expected="at least one window, such as '3,1,1'", got="none")
    if size < 1:
        raise ConvwrightError("--size", expected="at least 1 px", got=str(size))
    table = Table("layer", title=f"{size} px through {len(windows)} layers")
    for title in ("kernel", "stride", "padding", "dilation", "size, px", "field, px", "jump, px"):
        table.add_column(title, justify="right")
    table.add_row("input", "", "", "", "", str(size), "1", "1")
    for number, (window, out) in enumerate(zip(windows, geometry.sizes(size, windows)[1:], strict=True), start=1):
        field = geometry.receptive_field(windows[:number])
        facts = (window.kernel_size, window.stride, window.padding, window.dilation, out)
        table.add_row(str(number), *map(str, facts), str(field.receptive_field_px), str(field.jump_px))
    Console().print(table)


def _window(text: str, number: int) -> geometry.Window:
    parts = text.split(",")
    if not (1 <= len(parts) <= 4 and all(part.strip().lstrip("-").isdigit() for part in parts)):
        raise ConvwrightError(
            f"layer {number} of the list", expected="kernel,stride,padding[,dilation], such as 3,1,1", got=repr(text)
        )
    numbers = [int(part) for part in parts]
    kernel_size, stride, padding, dilation = (*numbers, *(1, 1, 0, 1)[len(numbers) :])
    return geometry.Window(kernel_size, stride, padding, dilation, name=text)
