"""`convwright evaluate` and `convwright predict`: what a finished run is worth, and what it says of images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ConvwrightError
from ._runs import precision_of, read_spec, trained_model

if TYPE_CHECKING:
    from torch import Tensor

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")]


def evaluate(
    run: Run,
    data: Annotated[str | None, typer.Option("--data", help="Other data than the run's own.")] = None,
) -> None:
    """Accuracy with its interval, by class, and calibration, on the test images of the data.

    `convwright evaluate runs/resnet20-cifar10-mini-0`
    """
    from rich.console import Console
    from rich.table import Table

    from ..training import evaluate as measure

    images = read_spec(run).load_data(data)
    found = measure(trained_model(run, images), images.test, images, precision=precision_of(run))
    low, high = found.interval
    console = Console(highlight=False)
    console.print(f"{images.name}: accuracy {found.accuracy:.2%} ({low:.2%} to {high:.2%}, n = {found.num_images:,})")
    console.print(f"cross-entropy {found.loss:.3f}, expected calibration error {found.calibration_error:.2%}")
    table = Table("class", box=None, pad_edge=False, header_style="bold")
    table.add_column("accuracy", justify="right")
    for name, accuracy in zip(images.class_names, found.class_accuracies, strict=True):
        table.add_row(name, "no images" if accuracy is None else f"{accuracy:.1%}")
    console.print(table)


def predict(
    run: Run,
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Photographs.")],
    top: Annotated[int, typer.Option(min=1, help="Classes to name.")] = 3,
) -> None:
    """Name the classes that a finished run sees in images, most likely first.

    `convwright predict runs/resnet20-cifar10-mini-0 cat.jpg`
    """
    import torch

    data = read_spec(run).load_data()
    model = trained_model(run, data)
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (data.mean, data.std))
    for path in images:
        pixels = _pixels(path, data.image_shape)
        with torch.inference_mode():
            shares = model((pixels[None].float() / 255 - mean) / std).softmax(1)[0]
        best = shares.topk(min(top, len(shares)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        typer.echo(f"{path}: {', '.join(f'{data.class_names[index]} {share:.1%}' for index, share in pairs)}")


def _pixels(path: Path, shape: tuple[int, int, int]) -> "Tensor":
    """The image as the network was trained on: (C, H, W), resized and cropped."""
    import torch

    from ..data.pictures import BROKEN, Form, UnlikeImages, decoded

    channels, height, width = shape
    form = Form(channels=channels, height=height, width=width, resize=True)
    try:
        return torch.tensor(decoded(path.read_bytes(), form))
    except FileNotFoundError as error:
        raise ConvwrightError(f"there is no image {path}") from error
    except UnlikeImages as error:
        raise ConvwrightError(f"{path}", expected="a gray image, as in training", got="one in color") from error
    except BROKEN as error:
        raise ConvwrightError(f"{path} cannot be read as an image ({error})") from error
