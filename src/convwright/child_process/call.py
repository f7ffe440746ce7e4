"""The parent's side of a call: start the child, hear it, and end it."""

import multiprocessing
import os
import pickle
import re
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from time import monotonic
from typing import Any, Generic, TypeVar

from ..errors import ConvwrightError
from . import child
from .child import Done, EndedCallError, Failed, Given, LimitedCall, Message, Printed
from .limits import Limits, delayed_seconds
from .progress import Step, announce

T = TypeVar("T")

_START_SECONDS = 120.0  # for importing torch, where nothing was imported before
_STACK_SECONDS = 1.0
_FRAME = re.compile(r'  File "(.+)", line (\d+) in ')


@dataclass(frozen=True, kw_only=True)
class ChildCall(Generic[T]):
    """A call for a process of its own. All that goes there and comes back is pickled.

    Attributes
    ----------
    label : str
        Name of the file in messages.
    function : callable
        A function at the top level of a module. What a generator function yields comes value by value.
    arguments : tuple
        Its positional arguments.
    """

    label: str
    function: Callable[..., T] | Callable[..., Iterator[T]]
    arguments: tuple[Any, ...] = ()


class ForkServer:
    """Source of child processes.

    By default they are forked by a server process, which imports the functions' modules first, so that no call has to;
    the server has no threads, whatever its user has. A process that has no threads itself, and has
    computed nothing, saves the server by `fork_from_here`. On Windows and macOS, where forking is missing or unsafe
    with torch, each child starts Python anew.
    """

    def __init__(self) -> None:
        self._context: BaseContext | None = None
        self._preloaded: tuple[str, ...] = ()

    def fork_from_here(self) -> None:
        """Fork the children off this process."""
        if sys.platform == "linux":
            self._context = multiprocessing.get_context("fork")

    def serve(self, *preloaded: str) -> None:
        """Have the children forked by a server, as at first: for a process that is about to have threads.

        The server imports the modules named `preloaded` too.
        """
        self._context, self._preloaded = None, preloaded

    def context(self, *functions: Callable[..., Any]) -> BaseContext:
        """Return how to start processes; a server that is started for it imports the modules of `functions`."""
        if self._context is None:
            self._context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
            self._context.set_forkserver_preload([*self._preloaded, *(each.__module__ for each in functions)])
        return self._context


SERVER = ForkServer()
_RUNNING: "set[_Child[Any]]" = set()


def call(task: ChildCall[T], *, limits: Limits, users_place: Callable[[str, int], str]) -> T:
    """Return what the function returns, called in a process of its own.

    `users_place(file, line)` words a line of a user's file with its place, and is "" for any other line. Steps that
    the function announces are announced here too, and what it prints goes to stderr.

    Raises
    ------
    ConvwrightError
        As the function raises it; when it passes a limit or ends its process, with the user's line.
    """
    for _, answer in calls([task], limits=limits, users_place=users_place):
        if isinstance(answer, ConvwrightError):
            raise answer
        return answer
    raise AssertionError("every call is answered")


def calls(
    tasks: Iterable[ChildCall[T]], *, limits: Limits, users_place: Callable[[str, int], str], num_processes: int = 1
) -> Generator[tuple[ChildCall[T], T | ConvwrightError], None, None]:
    """Yield each call with what it returns, each value that it yields, or its error, as they come.

    At most `num_processes` run at a time. The error of a call that passes a limit or ends its process is an
    `EndedCallError`; what it yielded before has come. When the iteration ends early, by Ctrl-C say, so do the
    processes.
    """
    waiting, running = deque(tasks), list[_Child[T]]()
    try:
        while waiting or running:
            while waiting and len(running) < num_processes:
                running.append(_Child(waiting.popleft(), limits, users_place))
            seconds = min(each.deadline for each in running) - monotonic()
            wait([each.messages for each in running], timeout=max(min(seconds, 3600.0), 0.0))
            for each in list(running):
                while (answer := each.answer()) is not None:
                    if isinstance(answer, Given):
                        yield each.task, answer.value
                        continue
                    running.remove(each)
                    if isinstance(answer, Failed):
                        yield each.task, answer.error
                    break
    finally:
        for each in running:
            each.end()


def end_all() -> None:
    """End the processes of all calls that any thread waits for; each call then raises that its process was ended."""
    for each in list(_RUNNING):
        each.kill()


class _Child(Generic[T]):
    """A process at work on one call."""

    def __init__(self, task: ChildCall[T], limits: Limits, users_place: Callable[[str, int], str]) -> None:
        self.task, self._limits, self._users_place = task, limits, users_place
        self.deadline, self._delayed_seconds, self._subject = monotonic() + _START_SECONDS, 0.0, ""
        context = SERVER.context(task.function, users_place)
        self.messages, messages = context.Pipe()
        self._stack, stack = context.Pipe(duplex=False)
        job = LimitedCall(task.label, task.function, task.arguments, users_place, limits, os.getcwd(), os.getpid())
        make: Any = context.Process  # type: ignore[attr-defined]  # every context has one
        self._process = make(target=child.main, args=(job, messages, stack), daemon=True)
        self._process.start()
        messages.close()
        stack.close()
        _RUNNING.add(self)

    def answer(self) -> Given | Done | Failed | None:
        """Take the messages that have come, up to the next answer; return that, or None while it has not come."""
        try:
            while self.messages.poll():
                message = self._received(self.messages.recv_bytes())
                if isinstance(message, Done | Failed):
                    self.end()
                    if isinstance(message, Failed) and isinstance(message.error, EndedCallError):
                        message.error.subject = self._subject
                    return message
                if isinstance(message, Given):
                    return message
                self._hear(message)
                if monotonic() > self.deadline:
                    break
        except (EOFError, OSError):
            return Failed(self._died())
        if monotonic() > self.deadline:
            # Time for which other processes had the cores does not count.
            before, self._delayed_seconds = self._delayed_seconds, delayed_seconds(self._process.pid or 0)
            self.deadline += self._delayed_seconds - before
        return Failed(self._out_of_time()) if monotonic() > self.deadline else None

    def _received(self, data: bytes) -> Message:
        try:
            return pickle.loads(data)  # type: ignore[no-any-return]  # noqa: S301 - our own child sent it
        except Exception as error:  # of a class that is only there
            return Failed(self._error(f"sent what cannot be read: {type(error).__name__}: {error}"))

    def kill(self) -> None:
        """Send the process, and all that it has started, the signal that ends it."""
        if self._process.pid is not None and self._process.exitcode is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (AttributeError, OSError):  # no groups here, or it has not made its own yet
                self._process.kill()

    def end(self) -> None:
        """End the process with all that it has started, and forget it."""
        self.kill()
        _RUNNING.discard(self)
        self._process.join()
        self._process.close()
        self.messages.close()
        self._stack.close()

    def _hear(self, message: Step | Printed) -> None:
        if isinstance(message, Printed):
            sys.stderr.write(message.text)
            return
        self.deadline = monotonic() + self._limits.seconds if message.is_limited else float("inf")
        self._delayed_seconds = delayed_seconds(self._process.pid or 0)
        self._subject = message.subject
        if message.text:
            announce(message.text, message.subject, is_limited=message.is_limited)

    def _out_of_time(self) -> EndedCallError:
        if child.STACK_SIGNAL is not None and self._process.pid is not None:
            os.kill(self._process.pid, child.STACK_SIGNAL)
        place = self._place(_STACK_SECONDS)
        self.end()
        return self._error(
            f"did not come back within {self._limits.seconds:g} s", place, "raise --time-limit if it only takes long"
        )

    def _died(self) -> EndedCallError:
        place = self._place(0.0)
        self._process.join(_STACK_SECONDS)
        code = self._process.exitcode
        self.end()
        how = f"by {signal.Signals(-code).name}" if code and code < 0 else f"with exit code {code}"
        return self._error(f"ended the process that looked at it, {how}", place)

    def _error(self, words: str, place: str = "", hint: str = "") -> EndedCallError:
        error = EndedCallError(f"{self._subject or self.task.label} {words}", got=place, hint=hint)
        error.subject = self._subject
        return error

    def _place(self, seconds: float) -> str:
        """Return the deepest line of the user's in the stack that the child has written; "" without one."""
        text = b""
        try:
            while self._stack.poll(seconds):
                text += (data := os.read(self._stack.fileno(), 2**16))
                seconds = 0.05
                if not data:
                    break
        except (EOFError, OSError):
            pass
        frames = _FRAME.findall(text.decode(errors="replace"))
        return next(filter(None, (self._users_place(file, int(line)) for file, line in frames)), "")
