"""The network in stages: the ops at one resolution, whatever its modules are called."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, groupby, pairwise
from math import prod
from typing import Any

from .facts import OpFacts

_MOST_BEFORE = 2  # ops with MACs of a block before it changes the resolution, as a 3x3 convolution and a blur


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Consecutive ops at one resolution.

    Attributes
    ----------
    size_px : tuple of int
        Of the maps, for each spatial axis; () after the last map.
    channels : int
        Channels of its last map: of what it hands on.
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
    """Group ops by the resolution they serve; a block belongs to one stage as a whole.

    A branch that works on smaller maps and is brought back to the trunk's (a squeeze-excite) belongs to the
    trunk's stage. In a net that ends on a larger map than its smallest (a decoder), each change is a new stage.
    """
    pairs = zip(resolutions(ops), ops, strict=True)
    # Maps of one area are of one resolution, in whichever order their axes are.
    groups = [list(group) for _, group in groupby(pairs, key=lambda pair: prod(pair[0]) if pair[0] else 0)]
    return tuple(_stage(group[0][0], [facts for _, facts in group]) for group in groups)


def resolutions(ops: Sequence[OpFacts]) -> list[tuple[int, ...]]:
    """Return the size of the map that each op serves, for each spatial axis; () where it serves none.

    Where the resolution changes within a block, all of the block serves the new one.
    """
    sizes = [_spatial(facts) for facts in ops]
    areas = [prod(size) if size else 0 for size in sizes]
    by_area = dict(zip(areas, sizes, strict=True))
    # The largest map still to come is what a smaller branch is brought back to.
    trunk = list(accumulate(reversed(areas), max))[::-1]
    served = _without_gaps(areas) if _ends_larger(ops, areas) else trunk
    starts = [0, *(at for at in range(1, len(served)) if served[at] != served[at - 1])]
    for before, at in pairwise(starts):
        first = _block_start(ops, served, at, before)
        served[first:at] = [served[at]] * (at - first)
    return [by_area[area] for area in served]


def _without_gaps(areas: Sequence[int]) -> list[int]:
    """Return the areas, with that of the map before in the place of each 0 that a map follows."""
    last = max((at for at, area in enumerate(areas) if area), default=-1)
    filled = list(areas)
    for at in range(1, last + 1):
        filled[at] = areas[at] or filled[at - 1]
    return filled


def _block_start(ops: Sequence[OpFacts], served: Sequence[int], at: int, before: int) -> int:
    """Return the index of the first op of the block in which op `at` changes the resolution; `at` where it is in none.

    The block is the outermost module around the op that starts within the stage which began at `before`, changes the
    resolution once, and does little before: at most two ops with MACs, and no residual sum.
    """
    first, path = at, ops[at].op.path
    while path:
        start, end = at, at
        while start > before and _is_within(ops[start - 1], path):
            start -= 1
        while end < len(ops) and _is_within(ops[end], path):
            end += 1
        old = ops[start:at]
        is_small = sum(bool(facts.macs) for facts in old) <= _MOST_BEFORE and not any(map(_is_sum, old))
        if start == before or not is_small or any(area != served[at] for area in served[at:end]):
            break
        first, path = start, path.rpartition(".")[0]
    return first


def _is_within(facts: OpFacts, path: str) -> bool:
    return facts.op.path == path or facts.op.path.startswith(f"{path}.")


def _is_sum(facts: OpFacts) -> bool:
    tensors = facts.op.inputs
    return facts.op.kind == "add" and len(tensors) == 2 and all(each.role == "result" for each in tensors)


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
        channels=last.channels if last.op.outputs else 0,
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
