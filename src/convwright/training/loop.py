"""Loop of a training: epochs of steps, validation, checkpoints, and what stops it."""

import hashlib
import math
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NoReturn

import torch
from torch import Tensor, nn

from ..data.loader import Batches
from ..data.sets import ImageData, Images
from ..errors import ConvwrightError
from .checkpoint import Checkpoint, write_checkpoint
from .evaluate import Evaluation, evaluate
from .interrupts import Interrupts
from .layer_groups import LayerGroup
from .precision import Numerics
from .progress import Progress, StepReport, Watch
from .recipe import Recipe
from .record import EpochMetrics, write_metrics
from .resume import CHECKPOINTS, Resumed
from .state import load_tensors, plain_state_of, tensors_of
from .step import Stepper

_UNCHECKED_ON_DEVICES = 20  # losses checked together, so that a GPU seldom waits


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingPlan:
    """Training that was asked for: the arguments of `train`.

    Attributes
    ----------
    model : nn.Module
        Network as the user gave it.
    data : ImageData
        Images to train on, to validate and to test with.
    recipe : Recipe
        How to train.
    layer_groups : tuple of LayerGroup
        Layer groups with learning rates of their own; empty where everything learns alike.
    folder : Path or None
        Folder of the run; None to write nothing.
    checkpoint_seconds : float
        Longest time without a checkpoint.
    watch : callable
        Called with every `StepReport` and `EpochMetrics`.
    """

    model: nn.Module
    data: ImageData
    recipe: Recipe
    layer_groups: tuple[LayerGroup, ...]
    folder: Path | None
    checkpoint_seconds: float
    watch: Watch


class TrainingLoop:
    """Epochs of a training: their steps, validation and checkpoints, and what stops them.

    Parameters
    ----------
    plan : TrainingPlan
        Training that was asked for.
    stepper : Stepper
        Optimizer steps on the model.
    batches : Batches
        Batches of the training images.
    numerics : Numerics
        Precision and memory format.
    """

    def __init__(self, plan: TrainingPlan, stepper: Stepper, batches: Batches, numerics: Numerics) -> None:
        self.plan, self.stepper, self.batches, self.numerics = plan, stepper, batches, numerics
        self.folder = plan.folder if stepper.fabric.is_global_zero else None
        self.data, self.recipe = plan.data, plan.recipe
        self.progress = Progress()
        self._num_epochs = math.ceil(stepper.num_steps / len(batches))
        device = stepper.fabric.device
        self._sums = torch.zeros(2, device=device, dtype=torch.float32 if device.type == "mps" else torch.float64)
        self._unchecked: list[Tensor] = []
        self._written = time.monotonic()
        self._since = time.perf_counter()

    def restore(self, resumed: Resumed) -> None:
        """Load a checkpoint: continue from where it was written."""
        stepper, state = self.stepper, resumed.checkpoint.state
        average = stepper.average.model if stepper.average else None
        load_tensors(resumed.checkpoint.tensors, state["optimizer"], stepper.model, stepper.optimizer, average)
        stepper.freezing.expect(state.get("frozen", {}))
        stepper.fabric.strategy.precision.load_state_dict(state["scaler"])
        self.progress = Progress.from_dict(state["progress"])
        self.progress.notes += resumed.notes
        self._sums[0], self._sums[1] = self.progress.loss_sum, self.progress.num_right
        if self.folder:
            write_metrics(self.folder, self.progress.epochs)

    def train(self, interrupts: Interrupts) -> None:
        """Run all epochs from where the progress is, with a checkpoint after each."""
        while self.progress.step < self.stepper.num_steps:
            self._since = time.perf_counter()
            for images, targets in self.batches.epoch(self.progress.epoch, start=self.progress.step_in_epoch):
                self._step(images, targets)
                if self.progress.step == self.stepper.num_steps:
                    break
                self._write_if_due(interrupts)
            self._finish_epoch()
            self._write_if_due(interrupts)

    def evaluate(self, images: Images) -> Evaluation:
        """Evaluate the weights that count, in the precision of the run."""
        size = max(self.recipe.batch_size // self.recipe.accumulation // self.stepper.fabric.world_size, 1)
        precision, channels_last = self.numerics.precision, self.numerics.channels_last
        model = self.stepper.evaluated
        return evaluate(model, images, self.data, batch_size=size, precision=precision, channels_last=channels_last)

    def _step(self, images: Tensor, targets: Tensor) -> None:
        progress = self.progress
        sums = self.stepper.gradients(images, targets, progress.step)
        loss = sums[0] / self.recipe.batch_size
        self._unchecked.append(loss)
        if loss.device.type == "cpu" or len(self._unchecked) >= _UNCHECKED_ON_DEVICES:
            self._check_losses(in_step=True)
        if progress.step == 0:
            self._check_first(loss.item())
        factor = self.stepper.update(progress.step)
        self._sums += sums
        progress.step += 1
        progress.step_in_epoch += 1
        if self.stepper.fabric.is_global_zero:
            report = StepReport(
                epoch=progress.epoch + 1,
                num_epochs=self._num_epochs,
                step=progress.step,
                num_steps=self.stepper.num_steps,
                loss=loss,
                lr_factor=factor,
                num_images=self.recipe.batch_size,
            )
            self.plan.watch(report)

    def _write_if_due(self, interrupts: Interrupts) -> None:
        if interrupts.noted or time.monotonic() - self._written >= self.plan.checkpoint_seconds:
            self._write_checkpoint()
            interrupts.exit()

    def _finish_epoch(self) -> None:
        self._check_losses()
        self._count_time()
        progress = self.progress
        num_images = progress.step_in_epoch * self.recipe.batch_size
        loss_sum, num_right = self._sums.tolist()
        found = self.evaluate(self.data.validation) if len(self.data.validation) else None
        metrics = EpochMetrics(
            epoch=progress.epoch + 1,
            step=progress.step,
            lr=self.recipe.optimizer.lr * self.stepper.factor(progress.step - 1),
            train_loss=loss_sum / num_images,
            train_accuracy=num_right / num_images,
            validation_loss=found.loss if found else None,
            validation_accuracy=found.accuracy if found else None,
            seconds=progress.seconds,
            images_per_second=num_images / progress.seconds,
        )
        progress.epochs.append(metrics)
        self._sums.zero_()
        self.progress = replace(progress, epoch=progress.epoch + 1, step_in_epoch=0, seconds=0.0)
        if self.folder:
            write_metrics(self.folder, self.progress.epochs)
        self._write_checkpoint()
        if self.stepper.fabric.is_global_zero:
            self.plan.watch(metrics)

    def _write_checkpoint(self) -> None:
        self._check_losses()
        self._written = time.monotonic()
        if not self.folder:
            return
        self._count_time()
        self.progress.loss_sum, self.progress.num_right = self._sums.tolist()
        stepper = self.stepper
        average = stepper.average.model if stepper.average else None
        state = {
            "recipe": self.recipe.to_dict(),
            "layer_groups": [asdict(group) for group in self.plan.layer_groups],
            "frozen": stepper.freezing.digests(self.progress.step),
            "data": self.data.fingerprint,
            "numerics": asdict(self.numerics),
            "progress": self.progress.to_dict(),
            "optimizer": plain_state_of(stepper.optimizer),
            "scaler": stepper.fabric.strategy.precision.state_dict(),
        }
        tensors = tensors_of(stepper.model, stepper.optimizer, average)
        write_checkpoint(self.folder / CHECKPOINTS, self.progress.step, Checkpoint(tensors=tensors, state=state))

    def _count_time(self) -> None:
        now = time.perf_counter()
        self.progress.seconds, self._since = self.progress.seconds + now - self._since, now

    def _check_first(self, loss: float) -> None:
        expected = math.log(self.data.num_classes)
        if not expected / 2 <= loss <= 2 * expected:
            known = "" if loss > expected else "; right for a model that knows these classes already"
            self.progress.notes.append(
                f"the first loss was {loss:.2f}, where guessing has ln({self.data.num_classes}) = {expected:.2f}{known}"
            )

    def _check_losses(self, *, in_step: bool = False) -> None:
        """Raise if a loss that was not checked yet is not finite; `in_step` if the last is of the step under way."""
        losses, self._unchecked = self._unchecked, []
        if losses and not (finite := torch.stack(losses).isfinite()).all():
            steps_back = len(losses) - 1 - int((~finite).nonzero()[0])
            self._raise_for(self.progress.step_in_epoch - (0 if in_step else 1) - steps_back, losses[-1 - steps_back])

    def _raise_for(self, step_in_epoch: int, loss: Tensor) -> NoReturn:
        progress = self.progress
        images, targets = next(iter(self.batches.epoch(progress.epoch, start=step_in_epoch)))
        digest = hashlib.sha256()
        for each in (images, targets):
            digest.update(each.float().cpu().contiguous().numpy().data)
        step = progress.epoch * len(self.batches) + step_in_epoch
        raise ConvwrightError(
            f"the loss is {loss.item()} in step {step} (epoch {progress.epoch + 1}, batch {step_in_epoch}, "
            f"fingerprint {digest.hexdigest()[:16]}); largest gradients: {self.stepper.largest_gradients()}",
            hint="lower optimizer.lr, lengthen schedule.warmup, set clip_norm=1, or train in fp32",
        )
