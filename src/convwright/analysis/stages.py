"""The network in stages: the ops at one resolution, whatever its modules are called."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, groupby
from math import prod
from typing import Any

from .facts import OpFacts


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Consecutive ops at one resolution.

    Attributes
    ----------
    size_px : tuple of int
        Of the maps, for each spatial axis; () after the last map.
    channels : int
        Of the stage's last output.
    num_ops, parameters, macs, flops : int
        Of its ops together.
    receptive_field_px : tuple of int, optional
        At the end of the stage.
    first_path, last_path : str
        Module paths of the first and the last op.
    """

    size_px: tuple[int, ...]
    channels: int
    num_ops: int
    parameters: int
    macs: int
    flops: int
    receptive_field_px: tuple[int, ...] | None
    first_path: str
    last_path: str

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain values."""
        return asdict(self)


def stages(ops: Sequence[OpFacts]) -> tuple[Stage, ...]:
    """Group ops by the resolution they serve.

    A branch that works on smaller maps and is brought back to the trunk's (a squeeze-excite) belongs to the
    trunk's stage. In a net that ends on a larger map than its smallest (a decoder), each change is a new stage.
    """
    sizes = [_spatial(facts) for facts in ops]
    areas = [prod(size) if size else 0 for size in sizes]
    by_area = {area: size for area, size in zip(areas, sizes, strict=True)}
    if areas and max(areas[-1:]) <= min((a for a in areas if a), default=0):
        # The largest map still to come: what a smaller branch is brought back to.
        keys = list(accumulate(reversed(areas), max))[::-1]
    else:
        keys = areas
    groups = []
    for key, group in groupby(zip(keys, ops, strict=True), key=lambda pair: pair[0]):
        groups.append(_stage(by_area[key], [facts for _, facts in group]))
    return tuple(groups)


def _stage(size: tuple[int, ...], ops: list[OpFacts]) -> Stage:
    last = next((f for f in reversed(ops) if _spatial(f) == size), ops[-1])
    shape = last.op.output.shape if last.op.outputs else ()
    return Stage(
        size_px=size,
        channels=shape[1] if len(shape) > 1 else 0,
        num_ops=len(ops),
        parameters=sum(f.parameters for f in ops),
        macs=sum(f.macs or 0 for f in ops),
        flops=sum(f.flops or 0 for f in ops),
        receptive_field_px=last.receptive_field_px,
        first_path=ops[0].op.path,
        last_path=ops[-1].op.path,
    )


def _spatial(facts: OpFacts) -> tuple[int, ...]:
    shape = facts.op.output.shape if facts.op.outputs else ()
    return shape[2:] if len(shape) > 2 else ()
