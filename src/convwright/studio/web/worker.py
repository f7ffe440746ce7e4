"""The one thread that traces networks, so that pages stay responsive meanwhile."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# One only: a trace hooks every module that runs, whichever thread runs it.
_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="studio")


async def in_worker(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` there, when those before it are done."""
    return await asyncio.get_running_loop().run_in_executor(_WORKER, lambda: function(*args, **kwargs))
