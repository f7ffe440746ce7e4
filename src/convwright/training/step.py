"""One optimizer step, exactly repeatable: what it draws depends on the seed and its number alone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from ..data.seeds import derived_seed
from ..errors import ConvwrightError
from .averaging import WeightAverage
from .evaluate import checked
from .freezing import Freezing
from .layer_groups import LayerGroup
from .recipe import Recipe
from .resizing import three_quarters
from .schedules import lr_factor

if TYPE_CHECKING:
    from lightning_fabric import Fabric


class Stepper:
    """Forward, backward, clipping, learning rate, update and average, for one batch after another.

    Parameters
    ----------
    fabric : Fabric
        Device, precision and processes.
    model : nn.Module
        Network as the user gave it, on the device.
    optimizer : Optimizer
        Optimizer over its parameters, from `make_optimizer` with the same layer groups.
    recipe : Recipe
        Recipe to carry out.
    num_steps : int
        Number of steps of the whole run: the length of the schedule.
    num_classes : int
        Number of classes of the data.
    layer_groups : sequence of LayerGroup
        Layer groups to freeze and the step at which each is unfrozen. Empty: nothing is frozen.
    """

    def __init__(
        self,
        fabric: "Fabric",
        model: nn.Module,
        optimizer: Optimizer,
        recipe: Recipe,
        *,
        num_steps: int,
        num_classes: int,
        layer_groups: Sequence[LayerGroup] = (),
    ) -> None:
        self.fabric, self.model, self.optimizer = fabric, model, optimizer
        self.recipe, self.num_steps, self.num_classes = recipe, num_steps, num_classes
        self.average = WeightAverage(model, recipe.ema) if recipe.ema else None
        self.freezing = Freezing(model, layer_groups, num_steps)
        self.freezing.apply(num_steps - 1)  # DDP fixes the set of trainable parameters when it is created
        compiled: nn.Module = torch.compile(model) if recipe.compile else model  # type: ignore[assignment]
        self.wrapped_model, self.wrapped_optimizer = fabric.setup(compiled, optimizer, move_to_device=False)

    @property
    def evaluated(self) -> nn.Module:
        """The weights that count: the averaged ones where there are such."""
        return self.average.model if self.average else self.model

    def gradients(self, images: Tensor, targets: Tensor, step: int) -> Tensor:
        """Compute the gradients of a batch, of which each process has its share.

        Parameters
        ----------
        images : Tensor, shape (N, C, H, W)
        targets : Tensor of int64, shape (N,), or of float, shape (N, classes)
        step : int
            Number of the step in the run, from 0.

        Returns
        -------
        Tensor of float, shape (2,)
            Sum of the images' losses and number of right answers, over all processes; on the device.
        """
        self.freezing.apply(step)
        torch.manual_seed(derived_seed(self.recipe.seed, "step", step, self.fabric.global_rank))
        if step < self.recipe.small_start * self.num_steps:
            images = three_quarters(images)
        number = self.recipe.accumulation
        micro_batches = list(zip(images.chunk(number), targets.chunk(number), strict=True))
        self.wrapped_optimizer.zero_grad(set_to_none=True)
        sums = torch.zeros(2, device=images.device)
        for place, (x, target) in enumerate(micro_batches, start=1):
            with self.fabric.no_backward_sync(self.wrapped_model, enabled=place < len(micro_batches)):
                logits = checked(self.wrapped_model(x), self.num_classes)
                loss = F.cross_entropy(logits, target, label_smoothing=self.recipe.label_smoothing)
                self.fabric.backward(loss / len(micro_batches))
            label = target if target.ndim == 1 else target.argmax(1)
            right = (logits.detach().argmax(1) == label).sum()
            sums += torch.stack([loss.detach() * len(x), right.float()])
        if self.fabric.world_size > 1:
            sums = self.fabric.all_reduce(sums, reduce_op="sum")  # type: ignore[assignment]
        return sums

    def update(self, step: int) -> float:
        """Move the weights by the gradients; returns the factor of the schedule."""
        if self.recipe.clip_norm:
            self.fabric.clip_gradients(
                self.wrapped_model, self.wrapped_optimizer, max_norm=self.recipe.clip_norm, error_if_nonfinite=False
            )
        factor = self.factor(step)
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor
        self.wrapped_optimizer.step()
        if self.average:
            self.average.update(self.model, step + 1, self.freezing.names_frozen(step))
        self.freezing.after(step)
        return factor

    def factor(self, step: int) -> float:
        """Return the factor of the schedule on the learning rate in a step, from 0."""
        return lr_factor(self.recipe.schedule, step, self.num_steps)

    def largest_gradients(self, number: int = 3) -> str:
        """Name the parameters with the largest gradients, those that are not finite first."""
        norms = {
            name: weight.grad.norm().item() for name, weight in self.model.named_parameters() if weight.grad is not None
        }
        order = sorted(
            norms, key=lambda name: norms[name] if norms[name] == norms[name] else float("inf"), reverse=True
        )
        return ", ".join(f"{name} {norms[name]:.3g}" for name in order[:number])


class OutOfMemory(ConvwrightError):  # noqa: N818  named as what it says
    """Memory ran out in a training step."""


def explained_out_of_memory(error: RuntimeError, recipe: Recipe) -> OutOfMemory | None:
    """Return an error with advice if `error` says that memory ran out, else None.

    >>> print(explained_out_of_memory(RuntimeError("CUDA out of memory."), Recipe(epochs=1, batch_size=128)))
    out of memory with 128 images at a time; set accumulation=2: the same batch in 2 micro-batches of 64
    """
    said = str(error).lower()
    if not any(words in said for words in ("out of memory", "can't allocate memory", "not enough memory")):
        return None
    at_a_time = recipe.batch_size // recipe.accumulation
    divisors = [n for n in range(recipe.accumulation + 1, recipe.batch_size + 1) if recipe.batch_size % n == 0]
    hint = "use a smaller model or smaller images"
    if divisors:
        number = next((n for n in divisors if n >= 2 * recipe.accumulation), divisors[-1])
        hint = f"set accumulation={number}: the same batch in {number} micro-batches of {recipe.batch_size // number}"
    return OutOfMemory(f"out of memory with {at_a_time} images at a time", hint=hint)
