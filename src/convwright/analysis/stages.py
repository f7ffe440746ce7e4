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
        Of its widest map.
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
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


def stages(ops: Sequence[OpFacts]) -> tuple[Stage, ...]:
    """Group ops by the resolution they serve.

    A branch that works on smaller maps and is brought back to the trunk's (a squeeze-excite) belongs to the
    trunk's stage. In a net that ends on a larger map than its smallest (a decoder), each change is a new stage.
    """
    pairs = zip(resolutions(ops), ops, strict=True)
    # Maps of one area are of one resolution, in whichever order their axes are.
    groups = [list(group) for _, group in groupby(pairs, key=lambda pair: prod(pair[0]) if pair[0] else 0)]
    return tuple(_stage(group[0][0], [facts for _, facts in group]) for group in groups)


def resolutions(ops: Sequence[OpFacts]) -> list[tuple[int, ...]]:
    """Return the size of the map that each op serves, for each spatial axis; () where it serves none."""
    sizes = [_spatial(facts) for facts in ops]
    areas = [prod(size) if size else 0 for size in sizes]
    by_area = dict(zip(areas, sizes, strict=True))
    # The largest map still to come is what a smaller branch is brought back to.
    trunk = list(accumulate(reversed(areas), max))[::-1]
    return [by_area[area] for area in (areas if _ends_larger(ops, areas) else trunk)]


def _ends_larger(ops: Sequence[OpFacts], areas: Sequence[int]) -> bool:
    """Return True if the last map is larger than the smallest that a convolution makes."""
    computed = [area for facts, area in zip(ops, areas, strict=True) if facts.macs and area]
    last = next((area for area in reversed(areas) if area), 0)
    return bool(computed) and last > min(computed)


def _stage(size: tuple[int, ...], ops: list[OpFacts]) -> Stage:
    maps = [f for f in ops if _spatial(f) == size]
    last = (maps or ops)[-1]
    return Stage(
        size_px=size,
        channels=max(f.channels if f.op.outputs else 0 for f in maps or ops),
        num_ops=len(ops),
        parameters=sum(f.parameters for f in ops),
        macs=sum(f.macs or 0 for f in ops),
        flops=sum(f.flops or 0 for f in ops),
        receptive_field_px=last.receptive_field_px,
        first_path=ops[0].op.path,
        last_path=ops[-1].op.path,
    )


def _spatial(facts: OpFacts) -> tuple[int, ...]:
    return facts.map_px if prod(facts.map_px) > 1 else ()  # a single position is a pooled value, not a map
