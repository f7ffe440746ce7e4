"""The windows of a network in the order in which they run: how far each lets it see, and which see no further."""

from collections import Counter
from dataclasses import dataclass

from ... import units
from ...analysis.facts import Analysis
from ...analysis.fields.field_numbers import has_window
from ...errors import ConvwrightError
from ...graph import Op
from ...reports.analysis.field_picture import DrawnField, drawn_field
from ...units import pixels


@dataclass(frozen=True, kw_only=True)
class FieldStep:
    """A convolution or pool with a window, or, at first, the image itself.

    Attributes
    ----------
    key : str
        Its name in an address: the module path, with a number for a later op of the same module.
    module : str
        The module whose output is this op's; "" where there is none.
    kind : str
        What it is, with its window.
    map : str
        Height and width of its output.
    field : DrawnField
        What the middle position of its output sees.
    field_px, jump_px : str
        Size of the field, and pixels between two positions.
    share : float
        How much of the image the field is as wide as, at most 1.
    macs : int
        What it costs.
    is_unproductive : bool
        Whether its input already sees the whole image.
    """

    key: str
    module: str
    kind: str
    map: str
    field: DrawnField
    field_px: str
    jump_px: str
    share: float
    macs: int
    is_unproductive: bool


def steps_of(analysis: Analysis) -> tuple[FieldStep, ...]:
    """Return the image, and each window of a network that makes a map of it.

    Raises
    ------
    ConvwrightError
        When its input is no image of two axes.
    """
    fields = analysis.fields
    if len(fields.axes) != 2:
        shape = units.size(analysis.input_shapes[0]) if analysis.input_shapes else "none"
        raise ConvwrightError(f"the input of {analysis.label}", expected="images of two axes", got=shape)
    steps = [_image(analysis)]
    seen: Counter[str] = Counter()
    for op in fields.graph.ops:
        if has_window(op) and fields.of(op) is not None and op.output.ndim == 4:
            name = op.path or op.kind
            seen[name] += 1
            steps.append(_step(analysis, op, name if seen[name] == 1 else f"{name}@{seen[name]}"))
    return tuple(steps)


def share_of_macs(analysis: Analysis, steps: tuple[FieldStep, ...]) -> float:
    """Return the share of the MACs that the unproductive steps cost."""
    return sum(step.macs for step in steps if step.is_unproductive) / max(analysis.totals.macs, 1)


def _image(analysis: Analysis) -> FieldStep:
    middle = tuple(size // 2 for size in analysis.fields.image_px)
    return FieldStep(
        key="image",
        module="",
        kind="a pixel",
        map=units.size(analysis.fields.image_px),
        field=DrawnField(label="a pixel of the image", first=middle, last=middle),
        field_px="1",
        jump_px="1",
        share=1 / max(analysis.fields.image_px),
        macs=0,
        is_unproductive=False,
    )


def _step(analysis: Analysis, op: Op, key: str) -> FieldStep:
    graph, found = analysis.graph, analysis.fields.of(op)
    assert found is not None  # noqa: S101 - the caller has asked
    is_module = op.path in graph.modules and graph.ops_in(op.path)[-1] is op
    sizes = zip(found.receptive_field_px, analysis.fields.image_px, strict=True)
    cost = analysis.macs.per_op[op.index]
    return FieldStep(
        key=key,
        module=op.path if is_module else "",
        kind=_kind(op),
        map=units.size([op.output.shape[axis] for axis in analysis.fields.map_axes(op.output)]),
        field=drawn_field(analysis, op),
        field_px=pixels(found.receptive_field_px),
        jump_px=pixels(found.jump_px),
        share=min(1.0, *(seen / size for seen, size in sizes)),
        macs=cost.macs if cost else 0,
        is_unproductive=op in analysis.fields.unproductive,
    )


def _kind(op: Op) -> str:
    """Return the op with its window: "conv2d 3x3, stride 2"."""
    words = [f"{op.kind} {units.size(_both(op.args['kernel_size']))}"]
    for name in ("stride", "dilation"):
        both = _both(op.args.get(name, 1))
        if both != (1, 1):
            words.append(f"{name} {pixels(both)}")
    return ", ".join(words)


def _both(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return (value, value) if isinstance(value, int) else value
