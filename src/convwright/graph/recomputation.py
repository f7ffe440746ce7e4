"""Regions of `torch.utils.checkpoint`: their ops keep nothing for backward, and run again there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from torch.utils import checkpoint

# Functions that `checkpoint` calls, if torch has them: generators that yield once, around the call of what is wrapped.
_GENERATORS = ("_checkpoint_without_reentrant_generator", "_checkpoint_without_reentrant_generator_impl")


@contextmanager
def regions_noticed(region: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """While active, what is checkpointed runs once, as if it were not, within `region()`."""

    def generator(*args: Any, **kwargs: Any) -> Iterator[None]:
        del args, kwargs
        with region():
            yield

    def apply(function: Callable[..., Any], preserve_rng_state: bool, *args: Any) -> Any:
        del preserve_rng_state
        with region():
            return function(*args)

    found: dict[str, Any] = {name: generator for name in _GENERATORS if hasattr(checkpoint, name)}
    with patch.multiple(checkpoint, **found), patch.object(checkpoint.CheckpointFunction, "apply", apply):
        yield
