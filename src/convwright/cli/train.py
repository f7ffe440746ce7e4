"""`convwright train`: a model, data, a recipe; a run that can be continued."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ConvwrightError
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
    short_name,
    stoppable,
)

if TYPE_CHECKING:
    from ..training import EpochMetrics, Recipe
    from ..training.progress import StepReport, Watch
    from ..training.run_folder import RunSpec


def train(
    model: Annotated[str | None, model_option] = None,
    data: Annotated[str | None, data_option()] = None,
    recipe: Annotated[str, recipe_option] = "cifar-fast",
    overrides: Overrides = None,
    arguments: Arguments = None,
    run_all: RunAll = False,
    run: Annotated[Path | None, run_option("runs/MODEL-DATA-SEED")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Short for --set seed=N.")] = None,
    image_size: Annotated[int | None, typer.Option(min=1, help="Resize images to this many pixels.")] = None,
    skip_corrupt: SkipCorrupt = False,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in --run.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Resume even if the recipe or the data changed; the record notes it.")
    ] = False,
    device: Device = "auto",
    devices: Annotated[int, typer.Option(min=1, help="Number of processes on this machine.")] = 1,
    loggers: Annotated[
        list[str] | None, typer.Option("--logger", metavar="NAME", help="tensorboard, mlflow or wandb; repeatable.")
    ] = None,
    recipes: Annotated[bool, typer.Option("--recipes", help="List the presets and stop.")] = False,
) -> None:
    """Train a network on images; every run can be interrupted at any moment and resumed exactly.

    `convwright train --model resnet20 --data cifar10-mini`

    `convwright train --model net.py:Net --data photos/ --recipe finetune --set epochs=5 --image-size 128`

    `convwright train --resume --run runs/resnet20-cifar10-mini-0`
    """
    from ..training import logging_to
    from ..training.devices import find_device

    if recipes:
        _list_recipes()
        return
    find_device(device)  # a wrong one is refused before anything is written
    if resume and model is None:
        spec, chosen = _resumed(run, recipe, overrides, seed)
    else:
        chosen = read_recipe(recipe, overrides, seed)
        spec = _spec(model, data, arguments, chosen, run_all=run_all, image_size=image_size, skip_corrupt=skip_corrupt)
    folder = run or Path("runs") / f"{short_name(spec.model)}-{short_name(spec.data)}-{spec.seed}"
    with logging_to(loggers or (), title=folder.name, folder=folder, recipe=chosen) as log:
        _run_training(spec, chosen, folder, log, resume=resume, force=force, device=device, devices=devices)


def _resumed(run: Path | None, recipe: str, overrides: list[str] | None, seed: int | None) -> "tuple[RunSpec, Recipe]":
    from ..training.run_folder import read_spec

    if run is None:
        raise ConvwrightError("--resume", expected="the --run to go on with", got="none")
    kept = run / "recipe.toml"
    return _tried(read_spec(run)), read_recipe(str(kept) if kept.exists() else recipe, overrides, seed)


def _spec(
    model: str | None,
    data: str | None,
    arguments: list[str] | None,
    recipe: "Recipe",
    *,
    run_all: bool,
    image_size: int | None,
    skip_corrupt: bool,
) -> "RunSpec":
    from ..networks import parse_arguments
    from ..training.run_folder import RunSpec

    if model is None or data is None:
        missing = "--model" if model is None else "--data"
        raise ConvwrightError("train", expected=f"{missing}", got="none", hint="see `convwright train --help`")
    spec = RunSpec(
        model=model,
        arguments=parse_arguments(arguments or []),
        run_all=run_all,
        data=data,
        image_size=image_size,
        skip_corrupt=skip_corrupt,
        whole_images=recipe.augmentation.random_resized_crop > 0,
        seed=recipe.seed,
    )
    return _tried(spec)


def _tried(spec: "RunSpec") -> "RunSpec":
    """Open a network of the user's in a process of its own first, while this one has no threads."""
    from ..networks.trial import require_trial

    require_trial(spec.network_name)
    return spec


def _run_training(
    spec: "RunSpec",
    recipe: "Recipe",
    folder: Path,
    log: "Watch",
    *,
    resume: bool,
    force: bool,
    device: str,
    devices: int,
) -> None:
    from ..reports.run.page import write_pictures
    from ..training import train as run_training
    from ..training.run_status import writing_run_status
    from ..training.step import OutOfMemory
    from ._memory import with_fitting_batch
    from ._train_watch import watching

    data = spec.load_data()
    network = spec.network(num_classes=data.num_classes, in_channels=data.image_shape[0])
    model = network.module
    spec.write(folder)
    typer.echo(f"{spec.model} on {data.name}: {len(data.train):,} images, {folder}")
    with watching(recipe) as show, stoppable(f"go on with `convwright train --resume --run {folder}`"):
        try:
            with writing_run_status(folder) as run_status:

                def watch(report: "StepReport | EpochMetrics") -> None:
                    for each in (show, log, run_status):
                        each(report)

                record = run_training(
                    model,
                    data,
                    recipe,
                    folder=folder,
                    resume=resume,
                    force=force,
                    device=device,
                    num_devices=devices,
                    watch=watch,
                )
        except OutOfMemory as error:
            raise with_fitting_batch(error, model, data, recipe, int(os.environ.get("WORLD_SIZE", devices))) from error
    low, high = record.test.interval
    typer.echo(f"test accuracy {record.test.accuracy:.2%} ({low:.2%} to {high:.2%}, n = {record.test.num_images:,})")
    for note in (data.note, *network.not_done, *record.notes):
        if note:
            typer.echo(f"note: {note}")
    typer.echo(f"wrote {write_pictures(folder, record.to_dict(), model=spec.model)}")


def _list_recipes() -> None:
    from rich.console import Console

    from ..training import PRESETS
    from ._tables import plain_table

    table = plain_table("recipe", "length", "batch", "optimizer", "schedule")
    for name, each in PRESETS.items():
        length = f"{each.epochs} epochs" if each.epochs else f"{each.steps:,} steps"
        optimizer = f"{each.optimizer.name}, lr {each.optimizer.lr:g}"
        table.add_row(name, length, str(each.batch_size), optimizer, each.schedule.name)
    Console().print(table)
