"""Answer to whether a network fits into a budget of memory, in a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ... import units
from ...analysis.memory_fit import MemoryFit, SetupMemory, TrainingSetup
from ..to_text import as_string

_NOTE = (
    "Peaks are of weights, gradients, optimizer state and activations. Not counted: workspaces of convolutions, "
    "temporary tensors of the optimizer's step, rounding of the allocator, the runtime."
)


class PrintedFit(MemoryFit):
    """A `MemoryFit` that prints itself; the facts are the same."""

    def __str__(self) -> str:
        return as_string(memory_fit_text(self))


def memory_fit_text(fit: MemoryFit) -> RenderableType:
    """The answer, then a line for training as it is and for each change of it."""
    table = Table(title=_answer(fit), title_justify="left", box=None, pad_edge=False, title_style="bold")
    table.add_column("training")
    for title in ("at once", "kept", "peak", "MACs twice", "largest", "fits"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in (fit.training, *fit.changes):
        table.add_row(
            setup_words(row, fit.training.setup),
            f"{row.micro_batch:,}",
            units.bytes_(row.kept_bytes),
            units.bytes_(row.peak_bytes),
            units.percent(row.repeated) if row.setup.checkpointed else "",
            f"{row.largest_batch:,}",
            "yes" if row.fits else "no",
        )
    lines = [_inference(fit)]
    if not any(row.fits for row in (fit.training, *fit.changes)):
        lines.append("No change that is known here makes training fit: take a smaller network or smaller images.")
    lines.append(_NOTE)
    if any(row.setup.precision == "bf16" for row in fit.changes):
        lines.append("bf16 is torch.autocast on CUDA: weights, their gradients and optimizer state stay in float32.")
    if any(row.setup.checkpointed for row in fit.changes):
        lines.append("Checkpointed modules compute the named share of the forward pass once more in the backward pass.")
    if any(row.setup.micro_batches > 1 for row in fit.changes):
        lines.append("Accumulated batches see a batch norm's statistics of each part, not of the whole.")
    return Group(table, *(Text(line, style="dim") for line in lines))


def setup_words(row: SetupMemory, asked: TrainingSetup) -> str:
    """Name what a way to train changes.

    >>> asked = TrainingSetup(optimizer="adam")
    >>> way = TrainingSetup(optimizer="adam", precision="bf16", micro_batches=4)
    >>> figures = dict(kept_bytes=0, peak_bytes=0, largest_batch=16, fits=True)
    >>> setup_words(SetupMemory(setup=way, batch=64, micro_batch=16, **figures), asked)
    'accumulate 4 x 16, bf16'
    """
    setup, words = row.setup, []
    if setup.micro_batches > 1:
        words.append(f"accumulate {setup.micro_batches} x {row.micro_batch}")
    if setup.precision != asked.precision:
        words.append(setup.precision)
    if setup.checkpointed:
        first, last = setup.checkpointed[0], setup.checkpointed[-1]
        words.append(
            f"checkpoint {first}" if first == last else f"checkpoint {first} ... {last} ({len(setup.checkpointed)})"
        )
    if setup.optimizer != asked.optimizer:
        words.append(f"optimizer {setup.optimizer}")
    return ", ".join(words) or f"as it is, {setup.optimizer}"


def _answer(fit: MemoryFit) -> str:
    """Answer in a sentence."""
    room, training = units.bytes_(fit.budget_bytes), fit.training
    most = f"{units.number_of(training.largest_batch, 'image')} at once"
    most = f"trains in {room} with at most {most}" if training.largest_batch else f"does not train in {room}"
    if fit.batch is None:
        return f"It {most}"
    return f"A batch of {fit.batch:,} {'fits' if training.fits else 'does not fit'}: it {most}"


def _inference(fit: MemoryFit) -> str:
    if not fit.inference_batch:
        return "Inference does not fit either, not with a single image."
    needs = "" if fit.inference_bytes is None else f"; with {fit.batch:,} it takes {units.bytes_(fit.inference_bytes)}"
    return f"Inference fits with at most {units.number_of(fit.inference_batch, 'image')} at once{needs}."
