"""Interrupts by Ctrl-C and SIGTERM: noted, so that the step can be finished and a checkpoint written."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupts:
    """While inside, the first SIGINT or SIGTERM is only noted; a second one acts as it always does.

    Outside of the main thread, where Python allows no handlers, nothing is changed.

    >>> with Interrupts() as interrupts:
    ...     signal.raise_signal(signal.SIGTERM)
    ...     interrupts.noted
    <Signals.SIGTERM: 15>
    """

    def __init__(self) -> None:
        self.noted: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for each in (signal.SIGINT, signal.SIGTERM):
                self._before[each] = signal.signal(each, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def exit(self) -> None:
        """End as the noted signal would have: KeyboardInterrupt for SIGINT, SystemExit with 143 for SIGTERM."""
        if self.noted is signal.SIGINT:
            raise KeyboardInterrupt
        if self.noted is signal.SIGTERM:
            raise SystemExit(128 + signal.SIGTERM)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.noted = signal.Signals(number)
        self._restore()

    def _restore(self) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)
        self._before = {}
