"""A run under way: steps, epochs, checkpoints, and what stops it."""

import dataclasses
import hashlib
import math
import time
from pathlib import Path
from typing import NoReturn

import torch
from torch import Tensor

from ..data.loader import Batches
from ..data.sets import ImageData, Images
from ..errors import ConvwrightError
from .checkpoint import Checkpoint, write_checkpoint
from .evaluate import Evaluation, evaluate
from .interrupts import Interrupts
from .precision import Numerics
from .progress import Progress, StepReport, Watch
from .record import EpochMetrics, write_metrics
from .resume import CHECKPOINTS, Resumed
from .state import load_tensors, plain_state_of, tensors_of
from .step import Stepper

_UNSEEN_ON_DEVICES = 20  # losses looked at together, so that a GPU seldom waits


class Run:
    """A training under way.

    Parameters
    ----------
    stepper : Stepper
        What does a step.
    batches : Batches
        Of the training images.
    data : ImageData
        For validation.
    numerics : Numerics
        Precision and memory format.
    folder : Path or None
        Of the run; None to write nothing.
    checkpoint_seconds : float
        Longest time without one.
    watch : callable
        Told of every step and epoch.
    """

    def __init__(
        self, stepper: Stepper, batches: Batches, data: ImageData, numerics: Numerics, *, folder: Path | None,
        checkpoint_seconds: float, watch: Watch,
    ) -> None:  # fmt: skip
        self.stepper, self.batches, self.data, self.numerics = stepper, batches, data, numerics
        self.folder = folder if stepper.fabric.is_global_zero else None
        self.checkpoint_seconds, self.watch = checkpoint_seconds, watch
        self.recipe, self.num_steps = stepper.recipe, stepper.num_steps
        self.num_epochs = math.ceil(self.num_steps / len(batches))
        self.progress = Progress()
        device = stepper.fabric.device
        self._sums = torch.zeros(2, device=device, dtype=torch.float32 if device.type == "mps" else torch.float64)
        self._unseen: list[Tensor] = []
        self._written = time.monotonic()
        self._since = time.perf_counter()

    def restore(self, resumed: Resumed) -> None:
        """Go to where a checkpoint was written."""
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
        """Go on to the last step."""
        while self.progress.step < self.num_steps:
            self._since = time.perf_counter()
            for images, targets in self.batches.epoch(self.progress.epoch, start=self.progress.step_in_epoch):
                self._step(images, targets)
                if self.progress.step == self.num_steps:
                    break
                self._pause(interrupts)
            self._finish_epoch()
            self._pause(interrupts)

    def evaluate(self, images: Images) -> Evaluation:
        """Evaluate the weights that count, in the precision of the run."""
        size = max(self.recipe.batch_size // self.recipe.accumulation // self.stepper.fabric.world_size, 1)
        return evaluate(
            self.stepper.evaluated, images, self.data, batch_size=size,
            precision=self.numerics.precision, channels_last=self.numerics.channels_last,
        )  # fmt: skip

    def _step(self, images: Tensor, targets: Tensor) -> None:
        progress = self.progress
        sums = self.stepper.gradients(images, targets, progress.step)
        loss = sums[0] / self.recipe.batch_size
        self._look_at(loss)
        if progress.step == 0:
            self._check_first(loss.item())
        factor = self.stepper.update(progress.step)
        self._sums += sums
        progress.step += 1
        progress.step_in_epoch += 1
        if self.stepper.fabric.is_global_zero:
            self.watch(
                StepReport(
                    epoch=progress.epoch + 1, num_epochs=self.num_epochs, step=progress.step, num_steps=self.num_steps,
                    loss=loss, lr_factor=factor, num_images=self.recipe.batch_size,
                )
            )  # fmt: skip

    def _pause(self, interrupts: Interrupts) -> None:
        if interrupts.noted or time.monotonic() - self._written >= self.checkpoint_seconds:
            self._write()
            interrupts.exit()

    def _finish_epoch(self) -> None:
        self._see()
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
        self.progress = dataclasses.replace(progress, epoch=progress.epoch + 1, step_in_epoch=0, seconds=0.0)
        if self.folder:
            write_metrics(self.folder, self.progress.epochs)
        self._write()
        if self.stepper.fabric.is_global_zero:
            self.watch(metrics)

    def _write(self) -> None:
        self._see()
        self._written = time.monotonic()
        if not self.folder:
            return
        self._count_time()
        self.progress.loss_sum, self.progress.num_right = self._sums.tolist()
        stepper = self.stepper
        average = stepper.average.model if stepper.average else None
        state = {
            "recipe": self.recipe.to_dict(),
            "layer_groups": [dataclasses.asdict(group) for group in stepper.freezing.layer_groups],
            "frozen": stepper.freezing.digests(self.progress.step),
            "data": self.data.fingerprint,
            "numerics": dataclasses.asdict(self.numerics),
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

    def _look_at(self, loss: Tensor) -> None:
        self._unseen.append(loss)
        if loss.device.type == "cpu" or len(self._unseen) >= _UNSEEN_ON_DEVICES:
            self._see(in_step=True)

    def _see(self, *, in_step: bool = False) -> None:
        """Stop if a loss not yet looked at is not finite; `in_step` if the last is of the step under way."""
        losses, self._unseen = self._unseen, []
        if losses and not (finite := torch.stack(losses).isfinite()).all():
            steps_back = len(losses) - 1 - int((~finite).nonzero()[0])
            self._stop_at(self.progress.step_in_epoch - (0 if in_step else 1) - steps_back, losses[-1 - steps_back])

    def _stop_at(self, step_in_epoch: int, loss: Tensor) -> NoReturn:
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
