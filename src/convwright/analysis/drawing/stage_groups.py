"""Stages of a drawing: neighbors at one resolution, no block cut in the middle."""

from collections.abc import Sequence
from itertools import groupby

from .branches import Branch


def with_stages(root: Branch, areas: Sequence[int], input_area: int) -> Branch:
    """Return the network as stages: whole blocks, up to the next that ends on another resolution.

    A module that changes the resolution once is a block and stays whole; one that changes it several times is opened.
    A block belongs to the resolution that it ends on.

    Parameters
    ----------
    root : Branch
        The tree of module calls.
    areas : sequence of int
        Positions in the map that each op serves, 0 where it serves none; see `analysis.stages.resolutions`.
    input_area : int
        Positions of the image, 0 if there is none.
    """
    units = _blocks(root, areas, input_area)
    ends: list[int] = []
    for unit in units:
        own = [area for area in _areas(unit, areas) if area]
        is_behind = not any(areas[_first(unit) :])
        ends.append(own[-1] if own else 0 if is_behind or not ends else ends[-1])
    stages = [[unit for _, unit in group] for _, group in groupby(zip(ends, units, strict=True), key=lambda p: p[0])]
    if len(stages) == 1:
        return Branch(kind="network", children=list(units))
    return Branch(kind="network", children=[_stage(stage) for stage in stages])


def _blocks(branch: Branch, areas: Sequence[int], input_area: int) -> list[Branch | int]:
    blocks: list[Branch | int] = []
    for child in branch.children:
        if isinstance(child, Branch):
            start = _first(child)
            before = areas[start - 1] if start else input_area
            if len({before, *_areas(child, areas)} - {0}) > 2:
                blocks += _blocks(child, areas, input_area)
                continue
        blocks.append(child)
    return blocks


def _stage(units: list[Branch | int]) -> Branch | int:
    if len(units) > 1:
        return Branch(kind="stage", children=units)
    only = units[0]
    return Branch(kind="stage", path=only.path, children=only.children) if isinstance(only, Branch) else only


def _areas(unit: Branch | int, areas: Sequence[int]) -> list[int]:
    return [areas[index] for index in unit.ops()] if isinstance(unit, Branch) else [areas[unit]]


def _first(unit: Branch | int) -> int:
    return next(unit.ops()) if isinstance(unit, Branch) else unit
