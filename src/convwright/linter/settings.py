"""Settings of the linter: the rules to run, and the purpose of the network."""

from dataclasses import dataclass
from typing import Literal, get_args

from ..errors import require_at_least, require_choice

Loss = Literal["cross-entropy", "nll", "bce", "bce-with-logits", "mse", "none"]
Device = Literal["gpu", "cpu", "mobile"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings by which a network is judged.

    Attributes
    ----------
    select : tuple of str
        Codes, beginnings of codes (`CW3`) or names of the rules to run; "default" stands for those that are on by
        themselves.
    ignore : tuple of str
        The same, left out.
    loss : str
        What its output is trained with: "cross-entropy", "nll", "bce", "bce-with-logits", "mse" or "none".
    target : str
        Where it will run: "gpu", "cpu" or "mobile".
    object_px : int or None
        Size of the objects to be recognized, in input pixels; the whole image when left out.
    """

    select: tuple[str, ...] = ("default",)
    ignore: tuple[str, ...] = ()
    loss: Loss = "cross-entropy"
    target: Device = "gpu"
    object_px: int | None = None

    def __post_init__(self) -> None:
        require_choice("loss", self.loss, get_args(Loss))
        require_choice("target", self.target, get_args(Device))
        if self.object_px is not None:
            require_at_least("object-px", self.object_px, 1)
