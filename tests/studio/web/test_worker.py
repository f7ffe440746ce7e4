"""Networks are looked at one after another, in a thread of their own."""

import asyncio
import threading

import pytest

from convwright.studio.web.worker import in_worker


def test_calls_follow_each_other_and_errors_come_back():
    names, running = [], []

    def work(number, *, wait=0.0):
        names.append(threading.current_thread().name)
        running.append(number)
        assert running == [number]
        threading.Event().wait(wait)
        running.remove(number)
        return number

    def fail():
        raise ValueError("no")

    async def all_at_once():
        found = await asyncio.gather(*(in_worker(work, number, wait=0.01) for number in range(4)))
        with pytest.raises(ValueError, match="no"):
            await in_worker(fail)
        return found

    assert asyncio.run(all_at_once()) == [0, 1, 2, 3]
    assert set(names) == {names[0]} != {threading.current_thread().name}
