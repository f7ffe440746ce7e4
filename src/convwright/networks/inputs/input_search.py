"""The search for inputs that a network takes: one candidate after another is traced until one runs."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import nn

from ...errors import ConvwrightError
from ...graph import Op
from ...graph.modes import in_mode
from ..guards.silence import silent
from .declared import declared_guesses
from .first_layer import fitting_inputs
from .flattened_size import fitting_sizes
from .forward_parameters import for_all_parameters, other_guesses, usual_guesses
from .input_guess import InputGuess
from .network_input import NetworkInput, written
from .trace_attempt import StoppedTrace, stopped_trace

_MOST_TRACES = 120
_MOST_CHANGES = 6  # of one guess, in a row
_SHOWN = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class InputChoice:
    """Inputs for a network.

    Attributes
    ----------
    inputs : tuple of NetworkInput
        Inputs that it takes; where there are none, those with which it came farthest.
    reason : str
        What speaks for them; "" where the network declares them.
    error : ConvwrightError or None
        Why no inputs fit; None where these do, and where the error has nothing to do with them.
    """

    inputs: tuple[NetworkInput, ...]
    reason: str = ""
    error: ConvwrightError | None = None

    @property
    def assumption(self) -> str:
        """The inputs and what speaks for them, as a sentence; "" where nothing is assumed."""
        return f"input {written(self.inputs)}: {self.reason}" if self.reason else ""


def choose_inputs(module: nn.Module, evidence: Iterable[InputGuess] = ()) -> InputChoice:
    """Find inputs that a network takes, by tracing it in eval mode; it is left as it was.

    Parameters
    ----------
    evidence : iterable of InputGuess
        What its file says, the strongest first; asked for only when the network declares nothing that fits.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1152, 10))
    >>> choose_inputs(net).assumption
    'input 1x1x28x28: `0` takes 1 channel, `4` takes 1152 = 8x12x12 features'
    """
    with in_mode(module, training=False), silent():  # a network that prints would do so at every attempt
        return _InputSearch(module).choose(evidence)


def with_dtypes(module: nn.Module, specs: tuple[NetworkInput, ...]) -> tuple[NetworkInput, ...]:
    """Return inputs that somebody gave, those that an embedding looks up as integers."""
    if not any(isinstance(part, nn.Embedding) for part in module.modules()):
        return specs
    with in_mode(module, training=False):
        for _ in specs:
            stopped = stopped_trace(module, specs)
            if stopped is None or not stopped.kind.startswith("embedding"):
                break
            wanted = fitting_inputs(stopped, module, specs)
            integers = (each.inputs for each in wanted if all(map(_is_same_shape, each.inputs, specs)))
            specs = next((each for each in integers if torch.int64 in {spec.dtype for spec in each}), specs)
    return specs


def _is_same_shape(one: NetworkInput, other: NetworkInput) -> bool:
    return one.shape == other.shape


class _InputSearch:
    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self._tried: dict[tuple[NetworkInput, ...], StoppedTrace | None] = {}
        # Guesses that could not be changed to fit, by their inputs.
        self._ends: dict[tuple[NetworkInput, ...], tuple[InputGuess, StoppedTrace]] = {}

    def choose(self, evidence: Iterable[InputGuess]) -> InputChoice:
        found = self._found(evidence)
        return InputChoice(inputs=found.inputs, reason=found.reason) if found else self._none_fits()

    def _found(self, evidence: Iterable[InputGuess]) -> InputGuess | None:
        usual = list(usual_guesses(self.module))
        known = []
        for each in itertools.chain(declared_guesses(self.module), evidence):
            guess = for_all_parameters(each, self.module)
            if self._stopped(guess.inputs) is None:
                return guess
            known.append(guess)
        starts = [each for each in known if not each.is_exact or each.is_certain]
        found = self._first(self._descend(guess) for guess in starts) or self._first(self._usual(usual))
        # Of a guess that no convolution met, nobody knows whether it is to be a picture.
        if found is None and not any(_met_convolution(stopped) for _, stopped in self._ends.values()):
            found = self._first(self._descend(guess) for guess in other_guesses(usual[-1]))
        if found is not None:
            return found
        found = self._first(self._of_two(*end) for end in self._farthest()[:2])
        if found is not None:
            return found
        best, stopped = self._farthest()[0]
        is_settled = best.is_certain or stopped.is_doubtful
        return None if is_settled else self._first(self._resize(*end) for end in self._farthest()[:2])

    def _usual(self, guesses: list[InputGuess]) -> Iterator[InputGuess | None]:
        """Yield what becomes of each guess, those first that come farthest; the last one, of a single tensor, last."""
        reached: list[tuple[int, InputGuess]] = []
        for guess in guesses[:-1]:
            stopped = self._stopped(guess.inputs)
            is_settled = stopped is None or not stopped.is_about_inputs  # other inputs change nothing
            if is_settled and not reached:
                yield self._descend(guess)
                return
            reached.append((len(stopped.ops) if stopped is not None else 0, guess))
        for _, guess in sorted(reached, key=lambda each: -each[0]):
            yield self._descend(guess)
        yield self._descend(guesses[-1])

    @staticmethod
    def _first(attempts: Iterable[InputGuess | None]) -> InputGuess | None:
        return next((each for each in attempts if each is not None), None)

    def _farthest(self) -> list[tuple[InputGuess, StoppedTrace]]:
        """Return the guesses that did not fit: those that are certain first, then by how far the network came."""
        return sorted(
            self._ends.values(), key=lambda end: (not end[0].is_certain, not end[1].is_doubtful, -len(end[1].ops))
        )

    def _stopped(self, specs: tuple[NetworkInput, ...]) -> StoppedTrace | None:
        if specs not in self._tried:
            self._tried[specs] = stopped_trace(self.module, specs)
        return self._tried[specs]

    def _descend(self, guess: InputGuess, *, changes: int = 0, resizes: bool = False) -> InputGuess | None:
        """Return the guess, changed until it fits as the calls that fail ask for; None where that leads nowhere."""
        stopped = self._stopped(guess.inputs)
        if stopped is None:
            return guess
        if not stopped.is_about_inputs or changes >= _MOST_CHANGES + len(guess.inputs) - 1:
            self._ends.setdefault(guess.inputs, (guess, stopped))
            return None
        for wanted in fitting_inputs(stopped, self.module, guess.inputs):
            if wanted.inputs in self._tried or len(self._tried) >= _MOST_TRACES:
                continue
            after = self._stopped(wanted.inputs)
            is_farther = after is None or after.sign != stopped.sign or len(after.ops) > len(stopped.ops)
            if not is_farther and [each.ndim for each in wanted.inputs] == [each.ndim for each in guess.inputs]:
                continue
            found = self._descend(_followed(guess, wanted), changes=changes + 1, resizes=resizes)
            if found is not None:
                return found
        if resizes:
            return self._resize(guess, stopped, changes=changes)
        self._ends.setdefault(guess.inputs, (guess, stopped))
        return None

    def _of_two(self, guess: InputGuess, stopped: StoppedTrace) -> InputGuess | None:
        """Return the guess with a batch of two, where one image lost its axis of the batch and two fit."""
        lost = next((op for op in stopped.ops if op.kind == "squeeze" and _loses_batch(op)), None)
        specs = tuple(replace(each, shape=(2, *each.shape[1:])) for each in guess.inputs)
        if lost is None or any(each.shape[:1] != (1,) for each in guess.inputs) or self._stopped(specs) is not None:
            return None
        reason = f"a batch of one loses its axis in squeeze at {lost.place}"
        return _followed(guess, InputGuess(inputs=specs, reason=reason))

    def _resize(self, guess: InputGuess, stopped: StoppedTrace, *, changes: int = 0) -> InputGuess | None:
        running = self.module.get_submodule(stopped.path) if stopped.path else self.module
        for wanted in fitting_sizes(self._stopped, guess.inputs, stopped, running):
            after = self._stopped(wanted.inputs)
            if after is not None and (after.path, after.kind) == (stopped.path, stopped.kind):
                continue
            found = self._descend(_followed(guess, wanted), changes=changes + 1, resizes=changes < _MOST_CHANGES)
            if found is not None:
                return found
        return None

    def _none_fits(self) -> InputChoice:
        guess, stopped = self._farthest()[0]
        if stopped.is_doubtful or not stopped.is_about_inputs:
            return InputChoice(inputs=guess.inputs, reason=guess.reason)
        inputs = list(dict.fromkeys(map(written, self._tried)))
        more = f" and {len(inputs) - _SHOWN} more" if len(inputs) > _SHOWN else ""
        error = ConvwrightError(
            f"no input fits of those tried ({', '.join(inputs[:_SHOWN])}{more}): {stopped.error}",
            hint="give its inputs: --input CxHxW, repeated for several",
        )
        return InputChoice(inputs=guess.inputs, reason="no input fits of those tried", error=error)


def _met_convolution(stopped: StoppedTrace) -> bool:
    return any(kind.startswith("conv") for kind in (stopped.kind, *(op.kind for op in stopped.ops)))


def _loses_batch(op: Op) -> bool:
    before, after = op.input.shape, op.output.shape
    return before[:1] == (1,) and len(before) > 1 and len(after) < len(before) and after[:1] != (1,)


def _followed(guess: InputGuess, wanted: InputGuess) -> InputGuess:
    """Return what is wanted with the reasons of both; the first reason is dropped where it said nothing."""
    is_plain = guess.reason == "nothing says otherwise"
    before = guess.reason.split(", ") if guess.reason and not is_plain else []
    reasons = dict.fromkeys([*before, *wanted.reason.split(", ")])  # two inputs may change for one reason
    return replace(wanted, reason=", ".join(reasons), is_certain=guess.is_certain)
