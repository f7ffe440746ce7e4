"""Signals: noted once, then as always."""

import signal
import threading

import pytest

from convwright.training.interrupts import Interrupts


@pytest.mark.parametrize(("number", "kind"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_the_first_is_noted_and_ends_when_asked(number, kind):
    before = signal.getsignal(number)
    with Interrupts() as interrupts:
        interrupts.exit()  # nothing noted: goes on
        signal.raise_signal(number)
        assert interrupts.noted == number
        assert signal.getsignal(number) == before
        with pytest.raises(kind):
            interrupts.exit()
    assert signal.getsignal(number) == before


def test_the_second_acts_as_always():
    with Interrupts():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_other_threads_change_nothing():
    found = []

    def inside():
        with Interrupts():
            found.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert found == [before]
