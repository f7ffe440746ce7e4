"""A crew: workers in processes of their own, one of which is replaced where it is lost."""

import pickle
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from ..errors import ConvwrightError
from .ledger import Ledger
from .plan import Plan

STOP_SECONDS = 60.0  # for the step under way and its checkpoint

HandT = TypeVar("HandT")


class Crew(ABC, Generic[HandT]):
    """So many workers that work on a plan; where they are, and what is held of one, is up to the kind of crew.

    Parameters
    ----------
    plan : Plan
        What is to be done.
    ledger : Ledger
        What is known of it.
    number : int
        Of workers.

    Raises
    ------
    ConvwrightError
        When the plan cannot go to another process.
    """

    def __init__(self, plan: Plan, ledger: Ledger, *, number: int) -> None:
        self._plan, self._ledger, self._number = plan, ledger, number
        self._hands: dict[str, HandT] = {}
        try:
            pickle.dumps(plan)
        except Exception as error:
            hint = "define the functions of its arms and measures at the top of a module, or use one worker"
            raise ConvwrightError(
                f"study {plan.study.name!r} cannot go to another process: {error}", hint=hint
            ) from error

    def work(self) -> None:
        """Return when no job of the plan is open, or every worker was told to stop.

        A worker that is lost is replaced, and its job continued. Ctrl-C stops all of them, each with a checkpoint.

        Raises
        ------
        ConvwrightError
            When one could not go on, the ledger being out of reach, say.
        """
        try:
            for _ in range(min(self._number, self._num_open())):
                self._engage()
            while self._hands:
                for name in self._ended(self._hands):
                    if self._was_lost(self._hands.pop(name)):
                        self._ledger.bury(name)
                        if self._num_open():
                            self._engage()
        finally:
            self._stop(self._hands)

    def _engage(self) -> None:
        name, hand = self._start()
        self._hands[name] = hand

    def _num_open(self) -> int:
        return sum(entry.is_open for entry in self._ledger.entries(self._plan.fingerprints))

    @abstractmethod
    def _start(self) -> tuple[str, HandT]:
        """Start a worker; the name it has in the ledger, and what is held of it."""

    @abstractmethod
    def _ended(self, hands: Mapping[str, HandT]) -> Sequence[str]:
        """Wait until one has ended, and name those that have."""

    @abstractmethod
    def _was_lost(self, hand: HandT) -> bool:
        """Whether one that has ended was killed; raises what it could not go on with."""

    @abstractmethod
    def _stop(self, hands: Mapping[str, HandT]) -> None:
        """Stop those that are left, and let go of what they have."""
