"""`convwright evaluate` and `convwright predict`: what a finished network is worth, and what it says of images."""

from pathlib import Path
from typing import Annotated

import typer

from ._arguments import data_option

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run, or of a model.json.")]


def evaluate(
    run: Run,
    data: Annotated[str | None, data_option("the network's own")] = None,
) -> None:
    """Accuracy with its interval, by class, and calibration, on the test images of the data.

    `convwright evaluate runs/resnet20-cifar10-mini-0`
    """
    from rich.console import Console

    from ..training import evaluate as measure
    from ..transfer_learning.trained_classifier import read_trained_classifier
    from ._tables import plain_table

    used = read_trained_classifier(run)
    images = used.load_data(data)
    found = measure(used.model, images.test, images, precision=used.precision)
    low, high = found.interval
    console = Console(highlight=False)
    console.print(f"{images.name}: accuracy {found.accuracy:.2%} ({low:.2%} to {high:.2%}, n = {found.num_images:,})")
    console.print(f"cross-entropy {found.loss:.3f}, expected calibration error {found.calibration_error:.2%}")
    table = plain_table("class", right=["accuracy"])
    for name, accuracy in zip(images.class_names, found.class_accuracies, strict=True):
        table.add_row(name, "no images" if accuracy is None else f"{accuracy:.1%}")
    console.print(table)


def predict(
    run: Run,
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Images to classify.")],
    top: Annotated[int, typer.Option(min=1, help="Number of classes to name.")] = 3,
) -> None:
    """Name the classes that a finished network sees in images, most likely first.

    `convwright predict runs/resnet20-cifar10-mini-0 cat.jpg`
    """
    import torch

    from ..transfer_learning.trained_classifier import read_trained_classifier

    used = read_trained_classifier(run)
    for path in images:
        with torch.inference_mode():
            shares = used.model(used.image(path)[None]).softmax(1)[0]
        best = shares.topk(min(top, len(shares)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        typer.echo(f"{path}: {', '.join(f'{used.class_names[index]} {share:.1%}' for index, share in pairs)}")
