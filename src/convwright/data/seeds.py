"""Seeds for everything that is random, derived from one: no generator has to be carried along, or saved."""

import hashlib

import torch


def derived_seed(seed: int, *parts: int | str) -> int:
    """A seed of 63 bits for one use of `seed`, such as an epoch's order or a step's augmentation.

    The same everywhere: it depends on nothing but its arguments.

    >>> derived_seed(0, "order", 3) == derived_seed(0, "order", 3) != derived_seed(0, "order", 4)
    True
    """
    text = "/".join(map(str, (seed, *parts)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed: int, *parts: int | str, device: torch.device | str = "cpu") -> torch.Generator:
    """A fresh generator for one use of `seed`; see `derived_seed`."""
    return torch.Generator(device).manual_seed(derived_seed(seed, *parts))
