"""Train: a recipe carried out on a model and data, exactly, and continued where it was cut off."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from ..data.loader import Batches
from ..data.sets import ImageData
from ..errors import ConvwrightError, require_at_least
from .checkpoint import write_weights
from .devices import find_device
from .evaluate import DTYPES, Evaluation
from .interrupts import Interrupts
from .kept_memory import kept_memory
from .layer_group_report import LayerGroupRow, layer_group_report
from .layer_groups import LayerGroup
from .optimizers import make_optimizer
from .precision import Numerics, choose_numerics
from .progress import Watch
from .recipe import Recipe
from .record import RunRecord, environment, write_record
from .resume import Resumed, find_start
from .run import Run
from .step import Stepper, explained_out_of_memory

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def train(
    model: nn.Module,
    data: ImageData,
    recipe: Recipe,
    *,
    folder: Path | None = None,
    resume: bool = False,
    force: bool = False,
    device: str = "auto",
    num_devices: int = 1,
    checkpoint_seconds: float = 60.0,
    watch: Watch | None = None,
    layer_groups: Sequence[LayerGroup] = (),
) -> RunRecord:
    """Train `model` in place; it ends with the weights that were evaluated, the averaged ones where there are such.

    Parameters
    ----------
    folder : Path or None
        Gets recipe.toml, metrics.csv, checkpoints, and at the end weights.safetensors and record.json.
    resume : bool
        Go on from the newest whole checkpoint in `folder`, or begin where there is none.
    force : bool
        Resume though the recipe or the data changed; the record says so.
    device : {"auto", "cpu", "cuda", "mps"}
        Auto takes a GPU where there is one.
    num_devices : int
        Processes on this machine, each with its share of every batch; under torchrun, its number counts.
    checkpoint_seconds : float
        Longest time without a checkpoint; there is one after every epoch, and at SIGINT and SIGTERM.
    watch : callable
        Called with a `StepReport` after every step and `EpochMetrics` after every epoch, by the first process.
    layer_groups : sequence of LayerGroup
        Which layers learn at which rate and from when on, where they are not all alike; every parameter in one of them.
        What is frozen is checked to stay the same to the last bit. Afterwards all take gradients as before.

    Raises
    ------
    ConvwrightError
        For a batch that cannot be filled, layer groups that do not fit or do not stand still, a folder that cannot be
        resumed or written, a loss that is not finite, memory that ran out.
    """
    report = layer_group_report(model, layer_groups, recipe)
    resumed = find_start(folder, data, recipe, layer_groups, resume=resume, force=force) if folder else None
    numerics = resumed.numerics(recipe) if resumed else None
    fabric, numerics = _launch(model, data, recipe, device, num_devices, numerics, layer_groups)
    stepper, batches = _prepare(fabric, model, data, recipe, numerics, layer_groups)
    watch = watch or (lambda _report: None)
    run = Run(stepper, batches, data, numerics, folder=folder, checkpoint_seconds=checkpoint_seconds, watch=watch)
    return _carry_out(run, resumed, report)


def _launch(
    model: nn.Module, data: ImageData, recipe: Recipe, device: str, num_devices: int, numerics: Numerics | None,
    layer_groups: Sequence[LayerGroup],
) -> "tuple[Fabric, Numerics]":  # fmt: skip
    accelerator = find_device(device)
    num_local, num_nodes = _processes(num_devices)
    if numerics is None:
        numerics = _numerics(model, data, recipe, accelerator, num_local * num_nodes)
    thaws = any(0 < group.starts < 1 for group in layer_groups)
    return _fabric(accelerator, numerics, num_local, num_nodes, thaws), numerics


def _carry_out(run: Run, resumed: Resumed | None, report: tuple[LayerGroupRow, ...]) -> RunRecord:
    try:
        test = _trained(run, resumed)
    except RuntimeError as error:
        if explained := explained_out_of_memory(error, run.recipe):
            raise explained from error
        raise
    finally:
        run.stepper.freezing.leave()
    model = run.stepper.model
    record = RunRecord(
        recipe=run.recipe,
        numerics=run.numerics,
        data=run.data.to_dict(),
        model={"name": type(model).__name__, "num_parameters": sum(each.numel() for each in model.parameters())},
        environment=environment(run.stepper.fabric.device, run.stepper.fabric.world_size),
        epochs=tuple(run.progress.epochs),
        test=test,
        notes=tuple(run.progress.notes),
        layer_groups=report,
    )
    if run.folder:
        write_weights(run.folder / "weights.safetensors", model)
        write_record(run.folder, record)
    return record


def _trained(run: Run, resumed: Resumed | None) -> Evaluation:
    """What the test says at the end; the model then has the weights that were tested."""
    stepper = run.stepper
    if resumed:
        run.restore(resumed)
    elif run.folder:
        run.recipe.write(run.folder / "recipe.toml")
    gpus = [stepper.fabric.device] if stepper.fabric.device.type == "cuda" else []
    with torch.random.fork_rng(devices=gpus), kept_memory(), Interrupts() as interrupts:
        run.train(interrupts)
        test = run.evaluate(run.data.test)
    if stepper.average:
        stepper.model.load_state_dict(stepper.average.model.state_dict())
    stepper.freezing.check(run.num_steps - 1)
    return test


def _processes(num_devices: int) -> tuple[int, int]:
    """Processes on this machine, and machines: what torchrun says, if it started this."""
    require_at_least("num_devices", num_devices, 1)
    if "LOCAL_WORLD_SIZE" not in os.environ:
        return num_devices, 1
    num_local = int(os.environ["LOCAL_WORLD_SIZE"])
    return num_local, int(os.environ["WORLD_SIZE"]) // num_local


def _numerics(model: nn.Module, data: ImageData, recipe: Recipe, accelerator: str, num_processes: int) -> Numerics:
    if recipe.precision == "auto" and num_processes > 1:  # each would measure, and they have to agree
        bf16 = accelerator == "cuda" and torch.cuda.is_bf16_supported()
        return Numerics(precision="bf16" if bf16 else "fp32", channels_last=recipe.channels_last)
    return choose_numerics(model, recipe, data.image_shape, torch.device(accelerator))


def _fabric(accelerator: str, numerics: Numerics, num_local: int, num_nodes: int, thaws: bool) -> "Fabric":
    from lightning_fabric import Fabric

    logging.getLogger("lightning_fabric.utilities.rank_zero").setLevel(logging.WARNING)  # it would tell the precision
    names = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}
    several = num_local * num_nodes > 1
    ddp = "ddp_find_unused_parameters_true" if thaws else "ddp"  # frozen for now, and so unused for now
    fabric = Fabric(
        accelerator=accelerator,
        devices=num_local,
        num_nodes=num_nodes,
        strategy=ddp if several else "auto",
        precision=names[numerics.precision],  # type: ignore[arg-type]
    )
    if several:
        fabric.launch()
    return fabric


def _prepare(
    fabric: "Fabric",
    model: nn.Module,
    data: ImageData,
    recipe: Recipe,
    numerics: Numerics,
    layer_groups: Sequence[LayerGroup],
) -> tuple[Stepper, Batches]:  # fmt: skip
    num_micro_batches = fabric.world_size * recipe.accumulation
    if recipe.batch_size % num_micro_batches:
        what = f"batch_size={recipe.batch_size} on {fabric.world_size} devices with accumulation={recipe.accumulation}"
        raise ConvwrightError(what, expected=f"a multiple of {num_micro_batches}")
    batches = Batches(
        data.train, batch_size=recipe.batch_size, seed=recipe.seed, mean=data.mean, std=data.std,
        augmentation=recipe.augmentation, num_classes=data.num_classes, device=fabric.device,
        channels_last=numerics.channels_last, dtype=DTYPES[numerics.precision],
        rank=fabric.global_rank, world_size=fabric.world_size,
    )  # fmt: skip
    if recipe.sync_batchnorm and fabric.world_size > 1:
        if fabric.device.type != "cuda":
            raise ConvwrightError("sync_batchnorm", expected="CUDA devices", got=fabric.device.type)
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
    layout = torch.channels_last if numerics.channels_last else torch.contiguous_format
    model = model.to(fabric.device, memory_format=layout).train()  # type: ignore[call-overload]
    num_steps = recipe.steps or (recipe.epochs or 0) * len(batches)
    optimizer = make_optimizer(model, recipe.optimizer, layer_groups, is_half=numerics.precision == "bf16")
    stepper = Stepper(
        fabric, model, optimizer, recipe, num_steps=num_steps, num_classes=data.num_classes, layer_groups=layer_groups
    )
    return stepper, batches
