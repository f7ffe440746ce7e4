"""Time that a study will still take."""

import time
from collections.abc import Mapping, Sequence

from .ledger import JobEntry
from .plan import Plan

_SETTLED_SECONDS = 2.0  # of work, before a speed is worth extrapolating


class RemainingTime:
    """Estimate from the speed of a study since it was first looked at.

    Parameters
    ----------
    plan : Plan or None
        The arms of the plan count by their costs; without a plan, all count alike.
    """

    def __init__(self, plan: Plan | None = None) -> None:
        self._macs: Mapping[str, int] = {arm.name: max(arm.costs.macs, 1) for arm in plan.arms} if plan else {}
        self._since = 0.0
        self._first: float | None = None

    def seconds_left(self, entries: Sequence[JobEntry]) -> float | None:
        """Return the time left for these jobs; None until there is a speed. A step counts by its arm's MACs."""
        done = sum((entry.step if entry.is_open else entry.num_steps) * self._cost(entry) for entry in entries)
        if self._first is None:
            self._first, self._since = done, time.monotonic()
        worked, seconds = done - self._first, time.monotonic() - self._since
        if worked <= 0 or seconds < _SETTLED_SECONDS:
            return None
        whole = sum(entry.num_steps * self._cost(entry) for entry in entries)
        return (whole - done) * seconds / worked

    def _cost(self, entry: JobEntry) -> float:
        return float(self._macs.get(entry.arm, 1))
