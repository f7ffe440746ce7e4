"""Train: set up a recipe on a model and data, run its epochs exactly, resumed where it was cut off, and record them."""

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
from ..extras import needs_extra
from .checkpoint import write_weights
from .devices import find_device
from .evaluate import DTYPES
from .interrupts import Interrupts
from .kept_memory import kept_memory
from .layer_group_report import LayerGroupRow, layer_group_report
from .layer_groups import LayerGroup
from .loop import TrainingLoop, TrainingPlan
from .optimizers import make_optimizer
from .precision import Numerics, choose_numerics
from .progress import Watch
from .recipe import Recipe
from .record import RunRecord, environment, write_record
from .resume import Resumed, find_start
from .step import Stepper, explained_out_of_memory

if TYPE_CHECKING:
    from lightning_fabric import Fabric

_FABRIC_PRECISIONS = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


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
    plan = TrainingPlan(
        model=model, data=data, recipe=recipe, layer_groups=tuple(layer_groups), folder=folder,
        checkpoint_seconds=checkpoint_seconds, watch=watch or (lambda _report: None),
    )  # fmt: skip
    fabric, numerics = _launch(plan, resumed, device, num_devices)
    return _run_training(_make_loop(plan, fabric, numerics), resumed, report)


def _launch(plan: TrainingPlan, resumed: Resumed | None, device: str, num_devices: int) -> "tuple[Fabric, Numerics]":
    """Choose the numerics and start the processes: as many as torchrun says, where it started this one."""
    with needs_extra("train"):
        from lightning_fabric import Fabric

    recipe, accelerator = plan.recipe, find_device(device)
    require_at_least("num_devices", num_devices, 1)
    num_local, num_nodes = num_devices, 1
    if "LOCAL_WORLD_SIZE" in os.environ:
        num_local = int(os.environ["LOCAL_WORLD_SIZE"])
        num_nodes = int(os.environ["WORLD_SIZE"]) // num_local
    has_others = num_local * num_nodes > 1
    numerics = resumed.numerics(recipe) if resumed else None
    if numerics is None and recipe.precision == "auto" and has_others:  # each would measure, and they have to agree
        bf16 = accelerator == "cuda" and torch.cuda.is_bf16_supported()
        numerics = Numerics(precision="bf16" if bf16 else "fp32", channels_last=recipe.channels_last)
    numerics = numerics or choose_numerics(plan.model, recipe, plan.data.image_shape, torch.device(accelerator))
    unfreezes = any(0 < group.starts < 1 for group in plan.layer_groups)  # frozen at first, and so unused by DDP
    ddp = "ddp_find_unused_parameters_true" if unfreezes else "ddp"
    logging.getLogger("lightning_fabric.utilities.rank_zero").setLevel(logging.WARNING)  # its line about the precision
    fabric = Fabric(
        accelerator=accelerator,
        devices=num_local,
        num_nodes=num_nodes,
        strategy=ddp if has_others else "auto",
        precision=_FABRIC_PRECISIONS[numerics.precision],  # type: ignore[arg-type]
    )
    if has_others:
        fabric.launch()
    return fabric, numerics


def _make_loop(plan: TrainingPlan, fabric: "Fabric", numerics: Numerics) -> TrainingLoop:
    """Place the model on its device, and make its batches, optimizer and steps."""
    recipe, data, model = plan.recipe, plan.data, plan.model
    num_micro_batches = fabric.world_size * recipe.accumulation
    if recipe.batch_size % num_micro_batches:
        what = f"batch_size={recipe.batch_size} on {fabric.world_size} devices with accumulation={recipe.accumulation}"
        raise ConvwrightError(what, expected=f"a multiple of {num_micro_batches}")
    batches = Batches(
        data.train,
        batch_size=recipe.batch_size,
        seed=recipe.seed,
        mean=data.mean,
        std=data.std,
        augmentation=recipe.augmentation,
        num_classes=data.num_classes,
        device=fabric.device,
        channels_last=numerics.channels_last,
        dtype=DTYPES[numerics.precision],
        rank=fabric.global_rank,
        world_size=fabric.world_size,
    )
    if recipe.sync_batchnorm and fabric.world_size > 1:
        if fabric.device.type != "cuda":
            raise ConvwrightError("sync_batchnorm", expected="CUDA devices", got=fabric.device.type)
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
    layout = torch.channels_last if numerics.channels_last else torch.contiguous_format
    model = model.to(fabric.device, memory_format=layout).train()  # type: ignore[call-overload]
    num_steps = recipe.steps or (recipe.epochs or 0) * len(batches)
    optimizer = make_optimizer(model, recipe.optimizer, plan.layer_groups, is_half=numerics.precision == "bf16")
    stepper = Stepper(
        fabric,
        model,
        optimizer,
        recipe,
        num_steps=num_steps,
        num_classes=data.num_classes,
        layer_groups=plan.layer_groups,
    )
    return TrainingLoop(plan, stepper, batches, numerics)


def _run_training(loop: TrainingLoop, resumed: Resumed | None, report: tuple[LayerGroupRow, ...]) -> RunRecord:
    """Run all epochs and the test, write weights and record; the model then has the weights that were tested."""
    stepper, plan = loop.stepper, loop.plan
    model, device = stepper.model, stepper.fabric.device
    try:
        if resumed:
            loop.restore(resumed)
        elif loop.folder:
            plan.recipe.write(loop.folder / "recipe.toml")
        gpus = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(devices=gpus), kept_memory(), Interrupts() as interrupts:
            loop.train(interrupts)
            test = loop.evaluate(plan.data.test)
        if stepper.average:
            model.load_state_dict(stepper.average.model.state_dict())
        stepper.freezing.check(stepper.num_steps - 1)
    except RuntimeError as error:
        if explained := explained_out_of_memory(error, plan.recipe):
            raise explained from error
        raise
    finally:
        stepper.freezing.leave()
    record = RunRecord(
        recipe=plan.recipe,
        numerics=loop.numerics,
        data=plan.data.to_dict(),
        model={"name": type(model).__name__, "num_parameters": sum(each.numel() for each in model.parameters())},
        environment=environment(device, stepper.fabric.world_size),
        epochs=tuple(loop.progress.epochs),
        test=test,
        notes=tuple(loop.progress.notes),
        layer_groups=report,
    )
    if loop.folder:
        write_weights(loop.folder / "weights.safetensors", model)
        write_record(loop.folder, record)
    return record
