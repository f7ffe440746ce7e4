"""Functions for child processes, good and bad; at the top level of a module, so that they can be sent there."""

import ctypes
import linecache
import os
import sys
import threading
import time

from convwright.child_process import announce
from convwright.errors import ConvwrightError


def place_here(file, line):
    """Stand in for the user's files: this one."""
    return f"{linecache.getline(file, line).strip()!r} ({file}:{line})" if file == __file__ else ""


def divided(number, by):
    if not by:
        raise ConvwrightError("by", expected="a number", got="0")
    return number / by


def raising():
    return [][1]


def returning_a_lambda():
    return lambda: 0


def printing():
    print("to Python's output")
    sys.stdout.buffer.write(b"as bytes\n")
    os.write(1, b"past Python\n")
    return os.getcwd(), os.getpid()


def looping():
    while True:
        pass


def holding_the_interpreter():
    return 7 ** (3**30)


def announcing(steps, seconds):
    for number in range(steps):
        announce(f"step {number}", is_limited=number != 1)
        time.sleep(seconds if number != 1 else 3 * seconds)
    return steps


def yielding_until(end):
    yield 1
    yield 2
    announce("looking at Third", "net.py:Third")
    end()


def swallowing(number_bytes):
    return len(bytearray(number_bytes))


def hoarding():
    kept = []
    while True:
        kept.append(bytes(2**22) + b"1")


def sinking():
    sys.setrecursionlimit(10**9)

    def deeper(items):
        return sorted([items], key=deeper)

    return deeper(())


def leaving():
    os._exit(3)


def dying_in_c():
    ctypes.string_at(0)


def multiplying():
    return [os.fork() for _ in range(2)]


def starting_others(file):
    threading.Thread(target=looping, daemon=True).start()
    if hasattr(os, "posix_spawn"):
        pid = os.posix_spawn("/bin/sleep", ["sleep", "60"], {})
    with open(file, "w") as out:
        out.write(f"{os.getpid()} {pid}")
    looping()
