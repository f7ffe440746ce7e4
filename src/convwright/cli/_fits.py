"""Options of `--fits`: a budget of memory, and how the network is to be trained within it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ConvwrightError, require_choice
from ..units import parse_bytes

if TYPE_CHECKING:
    from ..analysis.facts import Analysis
    from ..analysis.memory_fit import MemoryFit

# Of `analysis.memory`, which would load torch for a help text.
OPTIMIZER_NAMES = ("sgd", "sgd_momentum", "rmsprop", "adagrad", "adam", "adamw")

Fits = Annotated[
    str,
    typer.Option("--fits", metavar="SIZE", help="Find the largest batch within this memory, as 2GiB, and what helps."),
]
Optimizer = Annotated[
    str,
    typer.Option(
        "--optimizer",
        metavar="NAME",
        show_default="sgd_momentum",
        help=f"Optimizer whose state counts in --fits: {', '.join(OPTIMIZER_NAMES)}.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class FitOrder:
    """A budget in bytes, the batch to train with if one was named, and the optimizer."""

    budget_bytes: int
    batch: int | None
    optimizer: str

    def answer(self, found: "Analysis") -> "MemoryFit":
        """Return what fits of a network."""
        return found.fits(self.budget_bytes, batch=self.batch, optimizer=self.optimizer)


def fit_order(size: str, batches: list[int] | None, optimizer: str) -> FitOrder | None:
    """Return the order that the options give, None without `--fits`.

    Raises
    ------
    ConvwrightError
        For a size that is none, several batches, an unknown optimizer, or an optimizer without `--fits`.
    """
    if not size:
        if optimizer:
            raise ConvwrightError("--optimizer", expected="--fits beside it", got="none")
        return None
    if batches and len(batches) > 1:
        raise ConvwrightError("--batch", expected="one batch for --fits", got=", ".join(map(str, batches)))
    optimizer = optimizer or "sgd_momentum"
    require_choice("optimizer", optimizer, OPTIMIZER_NAMES)
    return FitOrder(budget_bytes=parse_bytes(size), batch=batches[0] if batches else None, optimizer=optimizer)
