"""The size of an input at which what a network makes of it fits a layer: `4096 = 256x4x4`, so 64x64."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import prod

from torch import nn

from ...graph import Tensor
from .input_guess import InputGuess
from .network_input import NetworkInput
from .trace_attempt import VIEWS, StoppedTrace, known_size, view_sizes

Probe = Callable[[tuple[NetworkInput, ...]], StoppedTrace | None]
_LARGEST = 2048
_STEPS = 12
_PAIRS = 6  # maps that are not square, those nearest to a square first


def fitting_sizes(
    probe: Probe, specs: tuple[NetworkInput, ...], stopped: StoppedTrace, module: nn.Module | None = None
) -> Iterator[InputGuess]:
    """Yield inputs of other sizes at which the call that failed does not.

    Parameters
    ----------
    probe : callable
        Traces the network with inputs, and returns the place where it stopped.
    specs : tuple of NetworkInput
        Inputs at which it stopped.
    stopped : StoppedTrace
        The place.
    module : nn.Module, optional
        The module there: the sizes that its attributes hold are tried first where nothing says which are needed.
    """
    sizes = _sizes(stopped)
    if sizes is None or sizes[0] == sizes[1]:
        yield from _other_sizes(probe, specs, stopped, _attributes(module))
        return
    needed = sizes[1]
    for places, axes in _free_axes(specs):
        search = _SizeSearch(probe, specs, stopped, places, axes)
        if not search.is_of_influence(needed):
            continue
        side = search.side(needed)
        if side is not None:
            yield InputGuess(inputs=search.resized(side), reason=_reason(stopped, needed))
        elif len(axes) == 2 and stopped.kind in ("linear", *VIEWS):
            yield from search.oblongs(needed)


def _attributes(module: nn.Module | None) -> list[int]:
    """Return the sizes that a module keeps, such as its number of channels."""
    kept = vars(module).items() if module is not None else ()
    return [value for name, value in kept if type(value) is int and 3 < value <= _LARGEST and name[0] != "_"]


def _other_sizes(
    probe: Probe, specs: tuple[NetworkInput, ...], stopped: StoppedTrace, kept: list[int]
) -> Iterator[InputGuess]:
    """Yield inputs of sizes at which a network comes farther: those kept, and round ones, the nearest first.

    A window takes larger ones.
    """
    is_window = "conv" in stopped.kind or "pool" in stopped.kind
    for places, axes in _free_axes(specs):
        search = _SizeSearch(probe, specs, stopped, places, axes)
        start = specs[places[0]].shape[axes[0]]
        sides = sorted({odd << power for odd in (1, 3, 7) for power in range(2, 9)}, key=lambda side: abs(side - start))
        for side in dict.fromkeys([*kept, *[each for each in sides if each > start or not is_window][:_STEPS]]):
            inputs = search.resized(side)
            found = probe(inputs)
            if found is None or _is_farther(found, stopped):
                yield InputGuess(inputs=inputs, reason=f"{_layer(stopped)} stops at other sizes")


def _is_farther(found: StoppedTrace, stopped: StoppedTrace) -> bool:
    """Return True for a trace that came past the call at which another stopped."""
    is_other = (found.path, found.kind) != (stopped.path, stopped.kind)
    return len(found.ops) > len(stopped.ops) or (is_other and len(found.ops) == len(stopped.ops))


class _SizeSearch:
    """Sizes of some axes of inputs; the values that reach the failing call grow with them."""

    def __init__(
        self,
        probe: Probe,
        specs: tuple[NetworkInput, ...],
        stopped: StoppedTrace,
        places: tuple[int, ...],
        axes: tuple[int, ...],
    ) -> None:
        self.probe, self.specs, self.stopped, self.places, self.axes = probe, specs, stopped, places, axes
        self._seen: dict[int, StoppedTrace | None] = {}

    def resized(self, *sides: int) -> tuple[NetworkInput, ...]:
        """Return the inputs with the axes at one size, or at one each."""
        new = dict(zip(self.axes, sides if len(sides) == len(self.axes) else sides * len(self.axes), strict=True))
        return tuple(
            replace(spec, shape=tuple(new.get(axis, size) for axis, size in enumerate(spec.shape)))
            if place in self.places
            else spec
            for place, spec in enumerate(self.specs)
        )

    def _at(self, side: int) -> StoppedTrace | None:
        if side not in self._seen:
            self._seen[side] = self.probe(self.resized(side))
        return self._seen[side]

    def _came(self, side: int, needed: int) -> int:
        """Return how much comes to the call at a size: `needed` where it passes, 0 where nothing comes to it."""
        found = self._at(side)
        if found is None:
            return needed
        if (found.path, found.kind) != (self.stopped.path, self.stopped.kind):
            return needed if len(found.ops) > len(self.stopped.ops) else 0
        sizes = _sizes(found)
        return sizes[0] if sizes else 0

    def is_of_influence(self, needed: int) -> bool:
        """Return True if more or less comes to the call at half or twice the size."""
        start = self.specs[self.places[0]].shape[self.axes[0]]
        came = {self._came(side, needed) for side in (start, max(start // 2, 1), min(2 * start, _LARGEST))}
        return len(came - {0}) > 1

    def side(self, needed: int) -> int | None:
        """Return the roundest size at which as much comes as is needed; None where no size does that."""
        return self._roundest(needed, lambda side: self._came(side, needed))

    def _roundest(self, needed: int, amount: Callable[[int], int]) -> int | None:
        start = self.specs[self.places[0]].shape[self.axes[0]]
        low = _first(lambda side: amount(side) >= needed, start)
        if low is not None and amount(low) == needed:
            end = _first(lambda side: amount(side) > needed, low)
            high = low if end is None else end - 1
            if self.specs[self.places[0]].shape[1] == 1 and low <= 28 <= high:
                return 28  # what has one channel and fits handwritten digits is for them
            side = max(range(low, high + 1), key=_roundness)
            if amount(side) == needed:
                return side
        # Not all sizes between come to the call: some may be odd where two maps meet.
        return max((side for side in self._seen if amount(side) == needed), key=_roundness, default=None)

    def oblongs(self, needed: int) -> Iterator[InputGuess]:
        """Yield inputs that are not square, at which a flattened map holds what is needed."""
        shape = _map_before(self.stopped)
        if shape is None or needed % shape[1]:
            return
        channels, area = shape[1], needed // shape[1]
        pairs = [(height, area // height) for height in range(1, area + 1) if area % height == 0]
        near = sorted((pair for pair in pairs if pair[0] != pair[1]), key=lambda pair: (max(pair), pair))
        for height, width in near[:_PAIRS]:
            rows, columns = self._roundest(height, self._map_size(2)), self._roundest(width, self._map_size(3))
            if rows is not None and columns is not None:
                reason = f"{_layer(self.stopped)} takes {needed} = {channels}x{height}x{width} features"
                yield InputGuess(inputs=self.resized(rows, columns), reason=reason)

    def _map_size(self, axis: int) -> Callable[[int], int]:
        """Return the function from the size of a square image to that of an axis of the flattened map."""

        def size_of(side: int) -> int:
            found = self._at(side)
            shape = _map_before(found) if found is not None else None
            return shape[axis] if shape else 0

        return size_of


def _roundness(side: int) -> tuple[int, int]:
    return side & -side, -side


def _first(is_enough: Callable[[int], bool], start: int) -> int | None:
    """Return the smallest size that is enough, of sizes of which all larger ones are, too; None where none is."""
    low, high = 0, max(start, 1)
    while not is_enough(high):
        if high >= _LARGEST:
            return None
        low, high = high, min(2 * high, _LARGEST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _sizes(stopped: StoppedTrace) -> tuple[int, int] | None:
    """Return what comes to the call that failed, for one image, and what it needs; None where that is no size."""
    args, kind = stopped.args, stopped.kind
    if kind == "einsum":
        return _clashing_sizes(stopped)
    x = args.get("input")
    if not isinstance(x, Tensor) or not x.ndim:
        return None
    weight = args.get("weight")
    if kind in VIEWS:
        batch = x.shape[0] if view_sizes(args)[:1] == (-1,) or view_sizes(args)[:1] != (x.shape[0],) else 1
        return x.numel // max(batch, 1), known_size(args)
    if kind == "layer_norm":
        last = tuple(args["normalized_shape"])
        return prod(x.shape[-len(last) :]), prod(last)
    if kind == "linear" and isinstance(weight, Tensor):
        return x.shape[-1], weight.shape[1]
    if kind == "batch_norm" and isinstance(args.get("running_mean"), Tensor) and x.ndim > 1:
        return x.shape[1], args["running_mean"].shape[0]
    if kind.startswith("conv") and isinstance(weight, Tensor) and x.ndim == weight.ndim:
        return x.shape[1], weight.shape[1] * args["groups"]
    other = args.get("other")
    if not isinstance(other, Tensor) or bool(stopped.origins(x)) == bool(stopped.origins(other)):
        return None
    # What is made of weights alone, such as a position embedding, has one size; what is made of an input has any.
    mine, fixed = (x, other) if stopped.origins(x) else (other, x)
    if kind == "matmul":
        axis, theirs = (-1, -2) if mine is x else (-2, -1)
        return mine.shape[axis], fixed.shape[theirs]
    sizes = zip(reversed(mine.shape), reversed(fixed.shape), strict=False)
    return next((pair for pair in sizes if pair[0] != pair[1] and 1 not in pair), None)


def _clashing_sizes(stopped: StoppedTrace) -> tuple[int, int] | None:
    """Return the sizes of a subscript of an einsum: that made of an input, and that of a weight which it meets."""
    terms = str(stopped.args["equation"]).replace(" ", "").partition("->")[0].split(",")
    made: dict[str, int] = {}
    fixed: dict[str, int] = {}
    for term, tensor in zip(terms, stopped.args["operands"], strict=False):
        before, _, after = term.partition("...")
        sizes = made if stopped.origins(tensor) else fixed
        sizes.update(zip(before, tensor.shape, strict=False))
        sizes.update(zip(reversed(after), reversed(tensor.shape), strict=False))
    return next(((made[name], size) for name, size in fixed.items() if made.get(name, size) != size), None)


def _map_before(stopped: StoppedTrace) -> tuple[int, ...] | None:
    """Return the shape of the map that was flattened before the call; None where none was."""
    tensor = stopped.args.get("input")
    while isinstance(tensor, Tensor) and tensor.ndim < 4:
        if tensor.producer is None or tensor.producer >= len(stopped.ops):
            return None
        tensor = stopped.ops[tensor.producer].input
    return tensor.shape if isinstance(tensor, Tensor) and tensor.ndim == 4 else None


def _free_axes(specs: tuple[NetworkInput, ...]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Yield inputs and axes of them that may have another size: those that are alike together, then each alone."""
    choices = [[(place, axes) for axes in _image_axes(spec)] for place, spec in enumerate(specs)]
    alike = [place for place, spec in enumerate(specs) if spec.ndim > 2 and spec.shape[2:] == specs[0].shape[2:]]
    if len(alike) > 1:
        yield from ((tuple(alike), axes) for _, axes in choices[0])
    yield from (((place,), axes) for choice in choices for place, axes in choice)


def _image_axes(spec: NetworkInput) -> list[tuple[int, ...]]:
    if spec.ndim == 4:  # the channels last: nothing may say how many they are but what is made of them
        return [(1, 2), (3,)] if spec.shape[3] <= 4 < spec.shape[1] else [(2, 3), (1,)]
    if spec.ndim == 2:
        return [(1,)] if spec.dtype is not None else []
    return [(3, 4), (1,), (2,)] if spec.ndim == 5 else [(2,), (1,)] if spec.ndim == 3 else []


def _layer(stopped: StoppedTrace) -> str:
    return f"`{stopped.path}`" if stopped.path else f"its {stopped.kind}"


def _reason(stopped: StoppedTrace, needed: int) -> str:
    shape = _map_before(stopped) if stopped.kind in ("linear", *VIEWS) else None
    if shape is None or needed % shape[1]:
        return f"{_layer(stopped)} takes {needed}"
    area = needed // shape[1]
    side = round(area**0.5)
    sizes = f" = {shape[1]}x{side}x{side}" if side * side == area else ""
    return f"{_layer(stopped)} takes {needed}{sizes} features"
