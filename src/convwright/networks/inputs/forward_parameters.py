"""The inputs of a network as its forward names them, to begin a search with."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from .declared import USUAL_INPUT
from .first_layer import LENGTH
from .input_guess import InputGuess
from .network_input import NetworkInput, forward_parameters, positional_names

# Shapes and dtypes of what is no picture, by the usual names of such parameters.
_NAMED = (
    (re.compile(r"ts?|times?|time_?steps?|steps?|sigmas?|noise_levels?|log_snr"), (1,), None),
    (re.compile(r"labels?|class(es|_labels?|_ids?)?|speakers?(_ids?)?"), (1,), torch.int64),
    (re.compile(r"(\w*_)?len(gth)?s?"), (1,), torch.int64),
    (re.compile(r"\w*mask"), (1, LENGTH), torch.bool),
    (re.compile(r"rois?"), (1, 5), None),  # the number of the image, then two corners
    (re.compile(r"b?boxes"), (1, 4), None),
)
_OTHER_RANKS = (
    ((1, LENGTH), torch.int64, "token ids"),
    ((1, 3, 1024), None, "a signal"),
    ((1, LENGTH, 64), None, "a sequence"),
    ((1, 3, 16, 112, 112), None, "a video"),
    ((1, 64), None, "features"),
)


def usual_guess(module: nn.Module) -> InputGuess:
    """Return the usual picture for every parameter that needs a value, but for those whose names say otherwise."""
    names = _needed(module)
    specs = tuple(_spec(name) for name in names) or (NetworkInput(shape=USUAL_INPUT),)
    return InputGuess(inputs=specs, reason="nothing says otherwise")


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
    inputs = (*guess.inputs, *usual_guess(module).inputs[len(guess.inputs) :])
    names = [*positional_names(module), *[""] * len(inputs)]
    named = [replace(each, name=each.name or name) for each, name in zip(inputs, names, strict=False)]
    return replace(guess, inputs=tuple(named))


def _needed(module: nn.Module) -> list[str]:
    parameters = forward_parameters(module)
    named = [each for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    needed = [each for each in named if each.default is each.empty]
    if named and named[0] not in needed and not any(each.kind is each.POSITIONAL_OR_KEYWORD for each in needed):
        needed.insert(0, named[0])
    return [each.name for each in needed if not _is_no_tensor(each.annotation)]


def _is_no_tensor(annotation: Any) -> bool:
    return annotation in (int, float, str, bool, "int", "float", "str", "bool")


def _spec(name: str) -> NetworkInput:
    for pattern, shape, dtype in _NAMED:
        if pattern.fullmatch(name):
            return NetworkInput(shape=shape, name=name, dtype=dtype)
    return NetworkInput(shape=USUAL_INPUT, name=name)
