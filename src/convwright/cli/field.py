"""`convwright field`: what one position of a network sees, drawn over an image."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from ..child_process import announce
from ..errors import ConvwrightError, unknown
from ._arguments import Model, output_option, require_folder_of, write
from ._network_order import NetworkOrder, with_network_options
from ._own_process import call_for, steps_shown

if TYPE_CHECKING:
    from PIL import Image

    from ..analysis.facts import Analysis
    from ..graph import Op


_IMAGES = 8  # that the effective field averages over


@with_network_options
def field(
    model: Model,
    network: NetworkOrder,
    layer: Annotated[str | None, typer.Option(help="Path of a module; by default that of the last map.")] = None,
    image: Annotated[Path | None, typer.Option(help="Image to draw on; by default a photograph.")] = None,
    effective: Annotated[bool, typer.Option("--effective", help="Also show how much each pixel counts.")] = False,
    output: Annotated[Path, output_option()] = Path("field.png"),
) -> None:
    """Draw the receptive field of the middle position of a layer, and of the ends of the stages before it.

    The output is a .png or .html file, by its name.

    `convwright field resnet50 -o resnet50.png`

    `convwright field vgg16 --layer stages.stage3 --image cat.jpg --effective -o vgg16.html`
    """
    if output.suffix not in (".png", ".html"):
        hint = f"write --output {output.with_suffix('.png')} for a picture"
        raise ConvwrightError(f"--output {output}", expected="a name that ends in .png or .html", hint=hint)
    require_folder_of(output)
    network = replace(network, model=model)
    is_page = output.suffix == ".html"
    order = FieldOrder(network=network, layer=layer, image=image, effective=effective, is_page=is_page)
    with steps_shown():
        drawing = call_for(model, _drawn, order, limits=network.limits)
    if drawing.effective:
        typer.echo(drawing.effective)
    write(drawing.content, output)
    typer.echo("\n".join(drawing.lines))


@dataclass(frozen=True, kw_only=True)
class FieldOrder:
    """A call of `convwright field`; `is_page` asks for HTML rather than a picture."""

    network: NetworkOrder
    layer: str | None
    image: Path | None
    effective: bool
    is_page: bool


class FieldDrawing(NamedTuple):
    """A drawing of fields: the content of its file, a line for each field, and one on the effective field or ""."""

    content: str | bytes
    lines: list[str]
    effective: str


def _drawn(order: FieldOrder) -> FieldDrawing:
    from .. import units
    from ..reports.analysis.field_picture import as_png, drawn_field, field_page, field_picture

    network, found = order.network.analyzed(computes=order.effective)
    if len(found.fields.axes) != 2:
        raise ConvwrightError(
            f"the input of {network.label}", expected="images of two axes", got=str(found.input_shapes[0])
        )
    ops = [*_stage_ends(found), _chosen(found, order.layer)]
    fields = [drawn_field(found, op) for op in dict.fromkeys(ops) if op.index <= ops[-1].index]
    photograph = _photograph(order.image, found.fields.image_px)
    heat, words = None, ""
    if order.effective:
        from ..analysis.effective_field import effective_field

        announce("measuring the effective field", is_limited=False)
        images = (_IMAGES, *found.input_shapes[0][1:])
        measured = effective_field(network.module, images, layer=order.layer)
        heat = measured.gradient
        share = units.percent(measured.area_px / measured.gradient.size)
        words = (
            f"effective field: {units.percent(measured.mass)} of the gradient over {_IMAGES} random images falls on"
            f" {measured.area_px:,} pixels ({share} of the image), the area of a square of {measured.size_px:.0f} px"
        )
    picture = field_picture(photograph, fields, heat=heat)
    lines = [entry.label for entry in fields]
    title = f"What {ops[-1].path or 'the model'} of {network.label} sees"
    return FieldDrawing(field_page(picture, title, lines) if order.is_page else as_png(picture), lines, words)


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
