"""The rows that every format of a report shows: the same words and the same numbers in each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ... import units
from ...analysis.facts import Analysis
from ...analysis.macs import COMPLEX_CONVENTION, CONVENTION
from ...analysis.stages import stages
from ...analysis.tree import Node, module_tree
from ...graph.value_read import value_notes

TITLES = ("layer", "type", "output", "parameters", "MACs", "FLOPs", "field, px", "jump, px")


@dataclass(frozen=True, kw_only=True)
class AnalysisRow:
    """One line of the table: how deep it is indented, its cells in the order of `TITLES`, and its exact costs.

    `paths` are the first and the last module that it is about.
    """

    level: int
    paths: tuple[str, str]
    cells: tuple[str, ...]
    parameters: int
    macs: int
    flops: int


def tree_rows(analysis: Analysis, depth: int) -> list[AnalysisRow]:
    """The module tree down to `depth` levels, repeats folded; each level adds up to the one above."""
    root = module_tree(analysis.ops, analysis.graph.modules, analysis.label)
    return [_row(level, node) for level, node in root.walk(depth)]


def stage_rows(analysis: Analysis) -> list[AnalysisRow]:
    """A line for each resolution of the network."""
    rows = []
    for number, stage in enumerate(stages(analysis.ops), start=1):
        size = units.size(stage.size_px) if stage.size_px else "after the last map"
        cells = (
            f"stage {number}",
            f"{_short(stage.first_path)} .. {_short(stage.last_path)}",
            f"{stage.channels} x {size}" if stage.size_px else size,
            f"{stage.parameters:,}",
            f"{stage.macs:,}",
            f"{stage.flops:,}",
            pixels(stage.receptive_field_px),
            "",
        )
        paths = (stage.first_path, stage.last_path)
        rows.append(
            AnalysisRow(
                level=0, paths=paths, cells=cells, parameters=stage.parameters, macs=stage.macs, flops=stage.flops
            )
        )
    return rows


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
        ("peak memory, training", units.bytes_(t.peak_training_bytes), f"{t.peak_training_bytes:,} B"),
        ("receptive field", f"{pixels(t.receptive_field_px)} px", where),
        ("jump", f"{pixels(t.jump_px)} px", "between neighbours there"),
    ]
    if frozen:
        rows.insert(1, ("frozen", units.count(frozen), f"{frozen:,} of them do not train"))
    if t.full_receptive_field_px != t.receptive_field_px:
        gates = len(analysis.fields.global_gates)
        rows.append(
            ("with global gates", f"{pixels(t.full_receptive_field_px)} px", f"{gates} gates see the whole map")
        )
    return rows


def notes(analysis: Analysis) -> list[str]:
    """Return what a reader must know to read the numbers, and what they leave out."""
    batch = analysis.input_shapes[0][0] if analysis.input_shapes and analysis.input_shapes[0] else 1
    lines = [f"{CONVENTION}."]
    if any(op.outputs and op.output.dtype.is_complex for op in analysis.graph):
        lines.append(f"{COMPLEX_CONVENTION}.")
    if batch != 1:
        lines.append(f"MACs, FLOPs and memory are of the traced batch of {batch}.")
    if analysis.parameters.unused:
        lines.append(
            f"{len(analysis.parameters.unused)} parameters are never used: {_some(analysis.parameters.unused)}."
        )
    lines += [f"{note[0].upper()}{note[1:]}." for note in value_notes(analysis.graph.depends_on_values)]
    lines += _uncounted(analysis)
    if analysis.memory.assumed:
        lines.append(f"Training memory is an estimate: what is kept of {_some(analysis.memory.assumed)} is not known.")
    if analysis.fields.image is not None:
        lines.append("A row's field and jump are those of its own output.")
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


def pixels(values: Sequence[float | None] | None) -> str:
    """A size in pixels, one number where all axes agree."""
    if not values:
        return ""
    texts = ["-" if value is None else f"{value:g}" for value in values]
    return texts[0] if len(set(texts)) == 1 else "x".join(texts)


def _row(level: int, node: Node) -> AnalysisRow:
    name = f"{node.name} (x{node.repeats})" if node.repeats > 1 else node.name
    cells = (
        name,
        node.type_name if level else "",
        "x".join(map(str, node.output_shape)),
        f"{node.parameters:,}" if node.parameters else "",
        f"{node.macs:,}" if node.macs else "",
        f"{node.flops:,}" if node.flops else "",
        pixels(node.receptive_field_px),
        pixels(node.jump_px),
    )
    parent, _, first = node.path.rpartition(".")
    last = node.name.rpartition("-")[2] if node.repeats > 1 else first
    paths = (node.path, f"{parent}.{last}" if parent else last)
    return AnalysisRow(
        level=level, paths=paths, cells=cells, parameters=node.parameters, macs=node.macs, flops=node.flops
    )


def _peak(analysis: Analysis) -> str:
    op = analysis.graph.ops[analysis.memory.peak_op]
    return f"at {op.path or op.kind}"


def _short(path: str) -> str:
    return ".".join(path.split(".")[:3]) or "the model itself"


def _some(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
