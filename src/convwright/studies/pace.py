"""How long a study will still take."""

import time
from collections.abc import Mapping, Sequence

from .ledger import Entry
from .plan import Plan

_SETTLED_SECONDS = 2.0  # of work, before a speed is worth extrapolating


class Pace:
    """The speed of a study since it was first looked at.

    Parameters
    ----------
    plan : Plan or None
        Whose arms cost what they do; without, all count as alike.
    """

    def __init__(self, plan: Plan | None = None) -> None:
        self._macs: Mapping[str, int] = {name: max(each.macs, 1) for name, each in plan.costs.items()} if plan else {}
        self._since = 0.0
        self._first: float | None = None

    def seconds_left(self, entries: Sequence[Entry]) -> float | None:
        """What is left of these jobs; None until there is a speed. A step counts by its arm's multiply-accumulates."""
        done = sum((entry.step if entry.is_open else entry.num_steps) * self._cost(entry) for entry in entries)
        if self._first is None:
            self._first, self._since = done, time.monotonic()
        worked, seconds = done - self._first, time.monotonic() - self._since
        if worked <= 0 or seconds < _SETTLED_SECONDS:
            return None
        whole = sum(entry.num_steps * self._cost(entry) for entry in entries)
        return (whole - done) * seconds / worked

    def _cost(self, entry: Entry) -> float:
        return float(self._macs.get(entry.arm, 1))
