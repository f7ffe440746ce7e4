"""The work of a verb on a network: of a user's file, it is done in a process of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ..child_process import ChildCall, Limits, Step, call, heard_by

T = TypeVar("T")


def limits_of(seconds: float, gigabytes: float | None) -> Limits:
    """Return the limits that `--time-limit` and `--memory-limit` set."""
    return Limits(seconds=seconds) if gigabytes is None else Limits(seconds=seconds, memory_bytes=int(gigabytes * 1e9))


def call_for(model: str, function: Callable[..., T], *arguments: object, limits: Limits) -> T:
    """Return `function(*arguments)`, called here, or in a process of its own where it opens a file of the user's.

    Its arguments and what it returns are pickled; `function` is at the top level of a module. A command makes such
    calls before it computes anything itself: its process is forked, and threads of torch do not survive that.
    """
    from ..networks import NetworkName
    from ..networks.reading.file_import import users_place

    name = NetworkName(text=model)
    if not name.is_users:
        return function(*arguments)
    return call(
        ChildCall(label=name.source, function=function, arguments=arguments), limits=limits, users_place=users_place
    )


@contextmanager
def steps_shown() -> Iterator[None]:
    """While active, the step that a task announces stands in the last line of the terminal."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    # No thread refreshes it: this process forks others.
    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live:

        def show(step: Step) -> None:
            live.update(Text(f"{step.text} ..."), refresh=True)

        with heard_by(show):
            yield
