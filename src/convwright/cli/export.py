"""`convwright export`: a finished network in a format that others run, with the proof that it is the same."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._arguments import format_option, output_option, require_folder_of
from .evaluate import Run

if TYPE_CHECKING:
    from torch import Tensor

    from ..transfer_learning.export import ExportResult
    from ..transfer_learning.trained_classifier import TrainedClassifier

_NUM_IMAGES = 16  # of the data, where nobody names some: enough for a batch, little enough for seconds


def export(
    run: Run,
    images: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[IMAGE]...", help="Images to prove parity on; by default test images of the data."),
    ] = None,
    *,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help=format_option.help)],  # noqa: A002
    output: Annotated[Path | None, output_option("RUN/model.onnx or RUN/model.pt2")] = None,
) -> None:
    """Write a finished network as ONNX or as a torch.export program, for batches of any size.

    Before there is a file, it is run on real images, one at a time and all together: its logits have to be those of the
    network, and its classes the same. Both are timed.

    `convwright export runs/resnet20-cifar10-mini-0 --format onnx`

    `convwright export RUN cat.jpg dog.jpg --format torch-export -o net.pt2`
    """
    import torch

    from ..errors import require_choice
    from ..transfer_learning.export import export as carry_out
    from ..transfer_learning.formats import formats
    from ..transfer_learning.trained_classifier import read_trained_classifier

    known = formats()
    require_choice("format", format, known)
    if output:
        require_folder_of(output)
    used = read_trained_classifier(run)
    real = torch.stack([used.image(path) for path in images]) if images else _test_images(used)
    path = output or run / f"model{known[format].suffix}"
    made = carry_out(used.model, real, format=format, out=path, card=used.card)
    _print_result(made, len(real), known[format].runtime)


def _test_images(used: "TrainedClassifier") -> "Tensor":
    """Some test images of the network's own data, evenly spread, since sets come sorted by class."""
    import torch

    from ..data import Batches

    data = used.load_data()
    number = min(_NUM_IMAGES, len(data.test))
    some = data.test.subset(torch.arange(number) * len(data.test) // number)
    batches = Batches(some, batch_size=number, seed=0, mean=data.mean, std=data.std)
    return next(batches.in_order())[0]


def _print_result(made: "ExportResult", num_images: int, runtime: str) -> None:
    from rich.console import Console

    from .. import units
    from ._tables import plain_table

    console = Console(highlight=False)
    opset = f", opset {made.opset}" if made.opset else ""
    console.print(
        f"{made.format}{opset}, for batches of any size; proved on {num_images} image{'s' * (num_images > 1)}"
    )
    table = plain_table("batch", "run by", right=("median", "10 %", "90 %"))
    for each in made.comparisons:
        parity, batch_size = each.parity, each.original.batch_size
        apart = f"logits up to {parity.largest_logit:.3g}, at most {parity.max_difference:.1e} apart"
        console.print(
            f"batches of {batch_size}: {apart}; {parity.num_same_top1} of {parity.num_images} classes the same"
        )
        for name, latency in (("torch", each.original), (runtime, each.exported)):
            times = (latency.median_seconds, *latency.spread_seconds)
            table.add_row(str(batch_size), name, *map(units.seconds, times))
    console.print(table)
    console.print(f"the median and two quantiles of the time a batch takes, {made.comparisons[0].original.device}")
    typer.echo(f"wrote {made.path} ({units.bytes_(made.path.stat().st_size)})")
