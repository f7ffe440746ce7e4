"""The inputs of a network as its forward names them, to begin a search with."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from .containers import Container, containers, forward_parameters
from .declared import USUAL_INPUT
from .first_layer import LENGTH
from .input_guess import InputGuess
from .network_input import NetworkInput, positional_names

# Shapes and dtypes of what is no picture, by the usual names of such parameters.
_NAMED = (
    (re.compile(r"ts?|times?|time_?steps?|steps?|sigmas?|noise_levels?|log_snr"), (1,), None),
    (re.compile(r"labels?|class(es|_labels?|_ids?)?|speakers?(_ids?)?"), (1,), torch.int64),
    (re.compile(r"(\w*_)?len(gth)?s?"), (1,), torch.int64),
    (re.compile(r"\w*mask"), (1, LENGTH), torch.bool),
    (re.compile(r"rois?"), (1, 5), None),  # the number of the image, then two corners
    (re.compile(r"b?boxes"), (1, 4), None),
)
_IMAGES = re.compile(r"(img|image|picture|frame)s?(_?list)?|inputs?|batch")
_STATES = re.compile(r"(h|c|hx|hc|\w*(state|hid(den)?|memory|cell|carry)\w*)(_0|0)?s?")
_WIDTH, _FINEST = 64, 64  # channels of a map, and pixels of the finest one
_MOST_LENGTHS = 3
_OTHER_RANKS = (
    ((1, LENGTH), torch.int64, "token ids"),
    ((1, 3, 1024), None, "a signal"),
    ((1, LENGTH, 64), None, "a sequence"),
    ((1, 3, 16, 112, 112), None, "a video"),
    ((1, 64), None, "features"),
)


def usual_guesses(module: nn.Module) -> Iterator[InputGuess]:
    """Yield guesses of all parameters that need a value: the usual picture, but for those whose names say otherwise.

    Of lists, tuples and mappings there are several, with other items. One that only the code of the forward shows may
    be a single tensor.
    """
    names, kinds = _needed(module), containers(module)
    lengths = _lengths(module)
    choices = {name: list(_items(name, found, lengths)) for name, found in kinds.items() if name in names}
    words = [f"{name} is {kinds[name]}" for name in choices]
    for number in range(max(map(len, choices.values()), default=0)):
        picked = {name: each[min(number, len(each) - 1)] for name, each in choices.items()}
        specs = [spec for name in names for spec in picked.get(name, (_spec(name),))]
        yield InputGuess(inputs=tuple(specs), reason=", ".join(words))
    if not any(kinds[name].is_certain for name in choices):
        specs = [_spec(name) for name in names] or [NetworkInput(shape=USUAL_INPUT)]
        yield InputGuess(inputs=tuple(specs), reason="nothing says otherwise")


def other_guesses(guess: InputGuess) -> Iterator[InputGuess]:
    """Yield the same with something else than a picture as first input."""
    first, *rest = guess.inputs
    for shape, dtype, words in _OTHER_RANKS:
        yield InputGuess(
            inputs=(NetworkInput(shape=shape, name=first.name, dtype=dtype), *rest),
            reason=f"no picture fits, {words} does",
        )


def for_all_parameters(guess: InputGuess, module: nn.Module) -> InputGuess:
    """Return a guess with further inputs where forward needs more, each with the name of its parameter."""
    usual: dict[str, list[NetworkInput]] = {}
    for spec in next(usual_guesses(module)).inputs:
        usual.setdefault(spec.parameter, []).append(spec)
    names = [*positional_names(module), *usual]
    given: dict[str, list[NetworkInput]] = {}
    for place, spec in enumerate(guess.inputs):
        name = spec.parameter or names[min(place, len(names) - 1)]
        given.setdefault(name, []).append(spec if spec.name else replace(spec, name=name))
    for name, container in containers(module).items():
        specs, items = given.get(name, []), usual.get(name, [])
        if container.is_certain and len(specs) == 1 and not specs[0].is_item:  # each item gets the shape
            given[name] = [replace(each, shape=specs[0].shape[-each.ndim :], dtype=specs[0].dtype) for each in items]
        elif container.is_certain and not any(each.is_item for each in specs):
            given[name] = [replace(each, name=f"{name}.{number}") for number, each in enumerate(specs)]
    return replace(guess, inputs=tuple(spec for specs in {**usual, **given}.values() for spec in specs))


def _needed(module: nn.Module) -> list[str]:
    parameters = [each for each in forward_parameters(module) if each.kind is not each.VAR_KEYWORD]
    named = [each for each in parameters if each.kind is not each.VAR_POSITIONAL]
    needed = [each for each in named if each.default is each.empty]
    if not any(each.kind is not each.KEYWORD_ONLY for each in needed):
        needed[:0] = [each for each in parameters[:1] if each not in needed]
    return [each.name for each in needed if not _is_no_tensor(each.annotation)]


def _is_no_tensor(annotation: Any) -> bool:
    return annotation in (int, float, str, bool, "int", "float", "str", "bool")


def _spec(name: str) -> NetworkInput:
    for pattern, shape, dtype in _NAMED:
        if pattern.fullmatch(name):
            return NetworkInput(shape=shape, name=name, dtype=dtype)
    return NetworkInput(shape=USUAL_INPUT, name=name)


def _items(name: str, container: Container, lengths: list[int]) -> Iterator[tuple[NetworkInput, ...]]:
    """Yield likely items of a list, tuple or mapping: images, states of cells, or maps of one size or of several.

    Parameters
    ----------
    name : str
        Name of the parameter.
    container : Container
        The list, tuple or mapping.
    lengths : list of int
        Numbers of items that a module has parts for.
    """
    if container.keys and container.kind is dict:  # each has a name
        yield tuple(replace(_spec(key), name=f"{name}.{key}") for key in container.keys)
    # A decoder has as many blocks as there are maps beside the deepest.
    counts = [each for each in (*lengths, *(each + 1 for each in lengths), 1) if each >= container.least]
    counts = [container.least] if _IMAGES.fullmatch(name) else [*counts, container.least]
    for count in [len(container.keys)] if container.keys else dict.fromkeys(counts):
        sides = [max(_FINEST >> place, 1) for place in range(count)]
        shapes: list[list[tuple[int, ...]]] = [[(1, _WIDTH, side, side) for side in sides]]
        shapes += [[(1, _WIDTH, _FINEST, _FINEST)] * count, [(1, _WIDTH)] * count]
        if count == 1 or _IMAGES.fullmatch(name):
            shapes[:0] = [[USUAL_INPUT[1:]] * count, [USUAL_INPUT] * count]
        elif _STATES.fullmatch(name):
            shapes[:0] = [shapes.pop(), [(1, 1, _WIDTH)] * count]  # of one step, and of all layers of a stack
        keys = container.keys or tuple(map(str, range(count)))
        for each in shapes:
            yield tuple(NetworkInput(shape=shape, name=f"{name}.{key}") for key, shape in zip(keys, each, strict=True))


def _lengths(module: nn.Module) -> list[int]:
    """Return the numbers of parts that a module, or a part of it, holds in lists, the outer ones first.

    >>> _lengths(nn.ModuleDict({"maps": nn.ModuleList([nn.Identity()] * 3)}))
    [3]
    """
    rows = [(path.count("."), len(part)) for path, part in module.named_modules() if isinstance(part, nn.ModuleList)]
    return list(dict.fromkeys(length for _, length in sorted(rows, key=lambda row: row[0]) if length > 1))[
        :_MOST_LENGTHS
    ]
