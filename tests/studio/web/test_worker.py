"""Networks are looked at one after another, in threads of their own."""

import asyncio
import threading

import pytest

from convwright.studio.web.worker import in_worker, others_turn


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
    assert threading.current_thread().name not in names


def test_while_one_waits_for_another_process_the_others_have_their_turn():
    order = []

    def wait_for(event):
        with others_turn():
            assert event.wait(10)
        order.append("waited")

    async def both():
        event = threading.Event()
        waiting = asyncio.create_task(in_worker(wait_for, event))
        await asyncio.sleep(0.05)
        await in_worker(order.append, "other")
        event.set()
        await waiting

    asyncio.run(both())
    assert order == ["other", "waited"]
    with others_turn():
        pass


def test_calls_keep_the_order_in_which_they_were_made():
    order = []

    async def many():
        await asyncio.gather(*(in_worker(order.append, number) for number in range(200)))

    asyncio.run(many())
    assert order == list(range(200))


def test_a_call_that_is_given_up_before_it_begins_holds_up_no_other():
    hold, order = threading.Event(), []

    async def cancelled():
        first = [asyncio.create_task(in_worker(hold.wait, 10)) for _ in range(8)]  # all threads wait
        given_up = asyncio.create_task(in_worker(order.append, "given up"))
        await asyncio.sleep(0.05)
        given_up.cancel()
        await asyncio.sleep(0)
        last = asyncio.create_task(in_worker(order.append, "last"))
        hold.set()
        await asyncio.gather(*first, last)

    asyncio.run(cancelled())
    assert order == ["last"]
