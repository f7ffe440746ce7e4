"""Silence of a user's file: what it prints and warns of does not reach our own output."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout


@contextmanager
def silent() -> Iterator[None]:
    """Keep from our own output what is printed and warned of meanwhile.

    Examples
    --------
    >>> with silent():
    ...     print("epoch 1")
    """
    silence = io.StringIO()
    with redirect_stdout(silence), redirect_stderr(silence), warnings.catch_warnings(action="ignore"):
        yield
