"""`convwright field`: what one position of a network sees, drawn over an image."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ConvwrightError, unknown
from ._arguments import Arguments, Inputs, Model, RunAll, output_option, resolve, shapes, write

if TYPE_CHECKING:
    from PIL import Image

    from ..analysis.facts import Analysis
    from ..graph import Op


_IMAGES = 8  # that the effective field averages over


def field(
    model: Model,
    layer: Annotated[str | None, typer.Option(help="Path of a module; by default that of the last map.")] = None,
    image: Annotated[Path | None, typer.Option(help="Image to draw on; by default a photograph.")] = None,
    effective: Annotated[bool, typer.Option("--effective", help="Also show how much each pixel counts.")] = False,
    inputs: Inputs = None,
    arguments: Arguments = None,
    run_all: RunAll = False,
    output: Annotated[Path, output_option()] = Path("field.png"),
) -> None:
    """Draw the receptive field of the middle position of a layer, and of the ends of the stages before it.

    The output is a .png or .html file, by its name.

    `convwright field resnet50 -o resnet50.png`

    `convwright field vgg16 --layer stages.stage3 --image cat.jpg --effective -o vgg16.html`
    """
    if output.suffix not in (".png", ".html"):
        raise ConvwrightError(f"--output {output}", expected="a name that ends in .png or .html")
    from .. import units
    from ..analysis.analyze import analyze
    from ..reports.analysis.field_picture import as_png, drawn_field, field_page, field_picture

    network = resolve(model, arguments, computes=effective, run_all=run_all)
    found = analyze(network.module, shapes(network, inputs), label=network.label)
    if len(found.fields.axes) != 2:
        raise ConvwrightError(
            f"the input of {network.label}", expected="images of two axes", got=str(found.input_shapes[0])
        )
    ops = [*_stage_ends(found), _chosen(found, layer)]
    fields = [drawn_field(found, op) for op in dict.fromkeys(ops) if op.index <= ops[-1].index]
    photograph = _photograph(image, found.fields.image_px)
    heat = None
    if effective:
        from ..analysis.effective_field import effective_field

        images = (_IMAGES, *found.input_shapes[0][1:])
        measured = effective_field(network.module, images, layer=layer)
        heat = measured.gradient
        share = units.percent(measured.area_px / measured.gradient.size)
        typer.echo(
            f"effective field: {units.percent(measured.mass)} of the gradient over {_IMAGES} random images falls on"
            f" {measured.area_px:,} pixels ({share} of the image), the area of a square of {measured.size_px:.0f} px"
        )
    picture = field_picture(photograph, fields, heat=heat)
    lines = [entry.label for entry in fields]
    title = f"What {ops[-1].path or 'the model'} of {network.label} sees"
    write(as_png(picture) if output.suffix == ".png" else field_page(picture, title, lines), output)
    typer.echo("\n".join(lines))


def _stage_ends(found: "Analysis") -> "list[Op]":
    from ..analysis.stages import stages

    ends = [stage.last_path for stage in stages(found.ops)[:-1] if stage.size_px]
    return [next(f.op for f in reversed(found.ops) if f.op.path == path) for path in ends]


def _chosen(found: "Analysis", layer: str | None) -> "Op":
    if layer is None:
        if found.fields.last_map is None:
            raise ConvwrightError(f"{found.label} makes no map", hint="name a layer with --layer")
        return found.fields.last_map
    ops = found.graph.ops_in(layer)
    if not ops:
        raise unknown("layer", layer, {op.path for op in found.graph if op.path})
    return ops[-1]


def _photograph(image: Path | None, size_px: tuple[int, ...]) -> "Image.Image":
    from PIL import Image, ImageOps

    from ..data import sample_images
    from ..preprocessing import upright

    path = image or sample_images()["chelsea"]
    try:
        with Image.open(path) as opened:
            return ImageOps.fit(upright(opened).convert("RGB"), (size_px[1], size_px[0]))
    except (OSError, ValueError) as error:
        raise ConvwrightError(f"{path} cannot be read as an image ({error})") from error
