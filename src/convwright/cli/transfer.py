"""`convwright transfer`: a pretrained network on one's own images, strategies side by side, and what to ship."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._arguments import (
    Arguments,
    Device,
    Overrides,
    RunAll,
    SkipCorrupt,
    data_option,
    model_option,
    read_recipe,
    recipe_option,
    run_option,
    seeds_option,
    short_name,
    stoppable,
)

if TYPE_CHECKING:
    from ..training import Recipe
    from ..transfer_learning import Backbone, TransferResult, Tuning

_MODEL, _WEIGHTS = "efficientnet_lite0", "package"
_DISPENSABLE = ("what learns", "macro-F1, %", "peak memory", "95 % interval", "calibration error, %")

Weights = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="package|torchvision|timm|FILE",
        help=f"Weights to start from. By default package for {_MODEL}, the library's own for torchvision: and timm: "
        "networks, none for others.",
    ),
]
Strategies = Annotated[
    list[str] | None,
    typer.Option(
        "--strategy",
        metavar="NAME",
        help="all, or linear-probe, finetune, lp-ft, scratch; features, or of these logistic, svm, knn, ridge, "
        "forest, whose features NAME@STAGE takes from that stage; repeatable.",
    ),
]
LearningCurve = Annotated[
    bool, typer.Option("--learning-curve", help="Also train on 10, 25 and 50 % of the training images.")
]
LrDecay = Annotated[
    float | None, typer.Option(help="Learning rate of a stage as a factor of the next stage's; 0.7 when left out.")
]
UnfrozenBy = Annotated[
    float, typer.Option(help="Share of the steps over which stages are unfrozen one by one, from the head on.")
]
Freeze = Annotated[
    list[str] | None, typer.Option("--freeze", metavar="STAGE", help="Never train this stage; repeatable.")
]


def transfer(
    data: Annotated[str, data_option()],
    model: Annotated[str, model_option] = _MODEL,
    weights: Weights = None,
    strategies: Strategies = None,
    seeds: Annotated[int, seeds_option()] = 5,
    learning_curve: LearningCurve = False,
    lr_decay: LrDecay = None,
    unfrozen_by: UnfrozenBy = 0.0,
    freeze: Freeze = None,
    recipe: Annotated[str, recipe_option] = "finetune",
    overrides: Overrides = None,
    arguments: Arguments = None,
    run_all: RunAll = False,
    run: Annotated[Path | None, run_option("runs/transfer-MODEL-DATA")] = None,
    skip_corrupt: SkipCorrupt = False,
    device: Device = "auto",
) -> None:
    """Try ways to use a pretrained network on your images, and get the network to ship, with the reason.

    The folder gets `model.safetensors` and `model.json`, for `convwright predict`, `evaluate` and `export`, and
    `report.html`. Features are kept in the cache, and the same command goes on where it was stopped.

    `convwright transfer --data photos/` tries all; or, for example:

    `convwright transfer --data photos/ --strategy linear-probe --strategy finetune --seeds 3 --learning-curve`

    `convwright transfer --data oxford-pets --model torchvision:resnet50 --strategy finetune --freeze stem`
    """
    from ..transfer_learning import LEARNING_CURVE
    from ..transfer_learning import transfer as run_transfer
    from ._transfer_watch import watching

    tuning = _tuning(read_recipe(recipe, overrides), lr_decay, unfrozen_by, freeze)
    backbone = _backbone(model, weights, arguments, run_all=run_all)
    folder = run or Path("runs") / f"transfer-{short_name(model)}-{short_name(data)}"
    with watching() as watch, stoppable("the same command goes on from there"):
        found = run_transfer(
            backbone,
            data,
            strategies=strategies or ["all"],
            seeds=seeds,
            shares=LEARNING_CURVE if learning_curve else (1.0,),
            tuning=tuning,
            folder=folder,
            skip_corrupt=skip_corrupt,
            device=device,
            watch=watch,
        )
    _print_result(found, folder)


def _backbone(model: str, weights: str | None, arguments: list[str] | None, *, run_all: bool) -> "Backbone":
    from ..networks import NetworkName, parse_arguments
    from ..networks.trial import require_trial
    from ..transfer_learning import load_backbone

    given = parse_arguments(arguments or [])
    require_trial(NetworkName(text=model, arguments=given, run_all=run_all))
    return load_backbone(model, weights=weights or _own_weights(model), arguments=given, run_all=run_all)


def _own_weights(model: str) -> str:
    """Return the weights that a network has unless others are named: a library's own, else ""."""
    from ..networks import NetworkName
    from ..networks.name import LIBRARIES

    source = NetworkName(text=model).source
    return _WEIGHTS if model == _MODEL else source if source in LIBRARIES else ""


def _tuning(recipe: "Recipe", lr_decay: float | None, unfrozen_by: float, freeze: list[str] | None) -> "Tuning":
    from ..transfer_learning import Tuning

    tuning = Tuning(recipe=recipe, unfrozen_by=unfrozen_by, freeze=tuple(freeze or ()))
    return tuning if lr_decay is None else replace(tuning, lr_decay=lr_decay)


def _print_result(found: "TransferResult", folder: Path) -> None:
    """Print the table, the recommendation, and where the report is."""
    from rich.console import Console

    from ..reports.transfer.page import write_transfer_report
    from ..reports.transfer.tables import answer, setting, strategy_sheet
    from ..transfer_learning.summary import TransferSummary
    from ._tables import fitting_table

    console = Console(highlight=False)
    page, result = write_transfer_report(folder, found), TransferSummary.from_dict(found.to_dict())
    console.print(f"\n{setting(result)}\n")
    console.print(fitting_table(strategy_sheet(result), console.width, dispensable=_DISPENSABLE))
    console.print(f"\n{answer(result)}")
    for note in found.notes:
        console.print(f"note: {note}")
    if found.card is None and found.shipped:
        console.print("note: nothing was written to ship: nobody knows how images were prepared for it")
    typer.echo(f"wrote {page}")
