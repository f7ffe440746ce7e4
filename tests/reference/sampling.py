"""Samples of long lists: `make test` runs a contract on some networks, `make test-all` on every one.

The sample follows from the commit, so that over time each network has its turn, and a failure can be repeated:
`CONVWRIGHT_SAMPLE=SEED make test` draws the same sample again, `CONVWRIGHT_SAMPLE=all` leaves nothing out.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convwright.models.family import Family

VARIABLE = "CONVWRIGHT_SAMPLE"
ROOT = Path(__file__).parents[2]


@cache
def seed() -> str:
    """`CONVWRIGHT_SAMPLE`, or the first digits of the commit's hash; "none" outside a checkout."""
    if chosen := os.environ.get(VARIABLE):
        return chosen
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "none"


def sampled(names: Iterable[str], number: int, *, always: Iterable[str] = ()) -> list[str]:
    """`number` of the names drawn by the seed, and those of `always`; in the order of `names`."""
    names, always = list(names), set(always)
    if seed() == "all":
        return names
    drawn = sorted(set(names) - always, key=lambda name: hashlib.sha256(f"{seed()} {name}".encode()).digest())
    chosen = always | set(drawn[:number])
    return [name for name in names if name in chosen]


def smallest(family: "Family") -> str:
    """The variant of a family that is quick to run: the smallest default image, then the smallest table."""

    def size(name: str) -> tuple[float, ...]:
        config = family.variants[name]
        tables = [value for value in vars(config).values() if isinstance(value, tuple)]
        numbers = sum(number for table in tables for number in table if isinstance(number, int))
        return config.input_size, config.width, config.depth, numbers

    return min(family.variants, key=size)
