import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc")

# Six blocks of 24 MB are together more than malloc keeps by itself. In a process of its own, since what malloc does
# depends on what was freed before.
_PAGES = 6 * 24 * 2**20 // os.sysconf("SC_PAGE_SIZE")
_COUNT = """
import resource, torch
from convwright.training.kept_memory import kept_memory

def step():
    held = [torch.ones(6 * 2**20) for _ in range(6)]

def resident():
    return int(open("/proc/self/statm").read().split()[1])

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

torch.set_num_threads(1)
step()
start = resident()
with kept_memory():
    for _ in range(3):
        step()
    kept = resident() - start
    before = faults()
    step()
    print(kept, faults() - before)
print(resident() - start)
"""


def count(**environment: str) -> list[int]:
    """Pages kept between steps, fetched in a step, kept at the end."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    command = [sys.executable, "-c", _COUNT]
    found = subprocess.run(command, capture_output=True, check=True, text=True, env=plain | environment)
    return [int(number) for number in found.stdout.split()]


def test_a_step_reuses_the_pages_of_the_one_before_and_the_end_gives_them_back() -> None:
    kept, fetched, left = count()
    assert kept > 0.9 * _PAGES
    assert fetched < 0.01 * _PAGES
    assert left < 0.1 * _PAGES


def test_the_environment_has_the_last_word() -> None:
    kept, *_ = count(MALLOC_MMAP_THRESHOLD_="1048576")
    assert kept < 0.1 * _PAGES
