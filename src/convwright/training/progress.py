"""Progress of a run: all that changes from step to step, besides tensors, as a checkpoint keeps it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from torch import Tensor

from .record import EpochMetrics


@dataclass(kw_only=True)
class Progress:
    """Mutable: one for each run.

    Attributes
    ----------
    step : int
        Optimizer steps done.
    epoch, step_in_epoch : int
        Epochs done, and steps of the next one.
    loss_sum, num_right : float
        Sums over the images of this epoch so far.
    seconds : float
        Spent on this epoch so far.
    epochs : list of EpochMetrics
        Metrics of the epochs done.
    notes : list of str
        Notes for the record.
    """

    step: int = 0
    epoch: int = 0
    step_in_epoch: int = 0
    loss_sum: float = 0.0
    num_right: float = 0.0
    seconds: float = 0.0
    epochs: list[EpochMetrics] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Progress":
        """Read what `to_dict` gave.

        >>> Progress.from_dict(Progress(step=3).to_dict()).step
        3
        """
        return cls(**{**values, "epochs": [EpochMetrics(**row) for row in values["epochs"]]})


@dataclass(frozen=True, kw_only=True, eq=False)
class StepReport:
    """One finished step, for who watches.

    Attributes
    ----------
    epoch, num_epochs, step, num_steps : int
        The running epoch (from 1) and steps done, and how many there will be.
    loss : Tensor, shape ()
        Mean over the batch; on the device, where reading it makes a GPU wait.
    lr_factor : float
        Factor of the schedule.
    num_images : int
        Number of images in the batch.
    """

    epoch: int
    num_epochs: int
    step: int
    num_steps: int
    loss: Tensor
    lr_factor: float
    num_images: int


Watch = Callable[[StepReport | EpochMetrics], None]
