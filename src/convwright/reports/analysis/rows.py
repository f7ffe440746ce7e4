"""The totals and notes that every format of a report shows: the same words and the same numbers in each."""

from collections.abc import Collection, Iterator, Sequence

from ... import units
from ...analysis.facts import Analysis
from ...analysis.macs import COMPLEX_CONVENTION, CONVENTION
from ...graph.value_read import value_notes
from ...units import pixels

_TELLING = 0.01  # of the training peak


def total_rows(analysis: Analysis) -> list[tuple[str, str, str]]:
    """Return the totals as rows: name, rounded value, exact value."""
    t = analysis.totals
    frozen = t.parameters - t.trainable_parameters
    last = analysis.fields.last_map
    where = f"at the last map, {last.path or last.kind}" if last else "no map"
    rows = [
        ("parameters", units.count(t.parameters), f"{t.parameters:,}"),
        ("MACs", units.count(t.macs), f"{t.macs:,}"),
        ("FLOPs", units.count(t.flops), f"{t.flops:,}"),
        ("weights", units.bytes_(analysis.parameters.num_bytes), f"{analysis.parameters.num_bytes:,} B"),
        ("peak memory, inference", units.bytes_(t.peak_inference_bytes), _peak(analysis)),
        ("kept for backward", units.bytes_(t.activation_bytes), f"{t.activation_bytes:,} B"),
        ("peak memory, training", units.bytes_(t.peak_training_bytes), _without_optimizer(t.peak_training_bytes)),
    ]
    if analysis.fields.image is not None:
        rows.append(("receptive field", f"{pixels(t.receptive_field_px)} px", where))
        rows.append(("jump", f"{pixels(t.jump_px)} px", "between neighbours there"))
    if frozen:
        rows.insert(1, ("frozen", units.count(frozen), f"{frozen:,} of them do not train"))
    if t.full_receptive_field_px != t.receptive_field_px:
        gates = len(analysis.fields.global_gates)
        rows.append(
            ("with global gates", f"{pixels(t.full_receptive_field_px)} px", f"{gates} gates see the whole map")
        )
    return rows


def notes(analysis: Analysis, shown: Collection[str] = ("macs", "flops", "field", "jump")) -> list[str]:
    """Return what a reader must know to read the numbers, and what they leave out.

    Parameters
    ----------
    shown : collection of str
        Names of the columns that are shown: no note is about any other.
    """
    batch = analysis.input_shapes[0][0] if analysis.input_shapes and analysis.input_shapes[0] else 1
    lines = [f"{CONVENTION}."]
    if any(op.outputs and op.output.dtype.is_complex for op in analysis.graph):
        lines.append(f"{COMPLEX_CONVENTION}.")
    if batch != 1:
        lines.append(f"MACs, FLOPs and memory are of the traced batch of {batch}.")
    found = analysis.parameters
    for names, use in ((found.unused, "never used"), (found.train_only, "used in train mode only")):
        lines += [f"{len(names)} parameters are {use}: {_some(names)}."] if names else []
    lines += [f"{note[0].upper()}{note[1:]}." for note in value_notes(analysis.graph.depends_on_values)]
    lines += _uncounted(analysis)
    lines += _estimates(analysis)
    own = [name for name in ("field", "jump") if name in shown]
    if analysis.fields.image is not None and own:
        lines.append(f"A row's {' and '.join(own)} {'are those' if len(own) == 2 else 'is that'} of its own output.")
    if "memory" in shown:
        lines.append("Memory is the most that activations take at once while a row runs, weights aside.")
    if "kept" in shown:
        lines.append("Kept is what a row is the first to save for the backward pass.")
    if analysis.fields.unknown:
        kinds = sorted({op.kind for op in analysis.fields.unknown})
        lines.append(f"The receptive field of {_some(kinds)} is not known; all they read is taken to be seen.")
    return lines


def _uncounted(analysis: Analysis) -> Iterator[str]:
    """Yield a sentence for each op that no rule counts; one for all calls of a kind in a module."""
    shapes: dict[tuple[str, str], list[str]] = {}
    for row in analysis.macs.uncounted:
        shapes.setdefault((row.kind, row.path), []).append("x".join(map(str, row.output_shape)))
    for (kind, path), made in shapes.items():
        calls = f" ({len(made)} calls)" if len(made) > 1 else ""
        yield f"NOT COUNTED: {kind} at {path or 'the top'}{calls}, which makes {_some(list(dict.fromkeys(made)))}."


def _estimates(analysis: Analysis) -> Iterator[str]:
    """Yield sentences on memory that is not known exactly."""
    memory = analysis.memory
    if memory.not_traced:
        yield f"Training memory is that of eval mode: {memory.not_traced}."
    if memory.assumed:
        yield f"Training memory is an estimate: what is kept of {_some(memory.assumed)} is not known."
    masks = sum(
        num_bytes
        for op, num_bytes in zip(memory.training.ops, memory.per_training_op_saved, strict=True)
        if op.kind == "dropout"
    )
    if 3 * masks > _TELLING * memory.peak_training_bytes:
        more = units.bytes_(3 * masks)
        yield f"Masks of dropout are counted as a GPU keeps them, 1 byte an element; a CPU keeps {more} more."
    if "vmap" in memory.assumed:
        yield "Lanes of a vmap are traced one after the other: inference takes more memory where they run together."


def _without_optimizer(num_bytes: int) -> str:
    return f"{num_bytes:,} B, without the optimizer's state"


def _peak(analysis: Analysis) -> str:
    if analysis.memory.peak_op is None:
        return "it has no ops"
    op = analysis.graph.ops[analysis.memory.peak_op]
    return f"at {op.path or op.kind}"


def _some(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
