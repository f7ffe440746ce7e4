"""Distributions of torch that do not check their parameters by numbers, while a model is traced."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_checked_before: list[bool] = []  # one for each trace that is running: the first found what the user had chosen


@contextmanager
def unchecked_distributions() -> Iterator[None]:
    """While active, distributions take any parameters: a check needs numbers, and changes nothing that they compute."""
    module = sys.modules.get("torch.distributions.distribution")
    if module is None:
        yield
        return
    distribution = module.Distribution
    with _lock:
        _checked_before.append(_checked_before[0] if _checked_before else distribution._validate_args)
        distribution._validate_args = False
    try:
        yield
    finally:
        with _lock:
            before = _checked_before.pop()
            if not _checked_before:
                distribution._validate_args = before
