"""The child's side of a call: what keeps it to itself, and the messages that it sends."""

import ctypes
import faulthandler
import inspect
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from types import MappingProxyType
from typing import Any, NamedTuple

from ..errors import ConvwrightError
from .limits import Limits, memory_error
from .progress import Step, heard_by

STACK_SIGNAL = getattr(signal, "SIGUSR1", None)
_PR_SET_PDEATHSIG = 1


def _read_only(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(items)


ForkingPickler.register(MappingProxyType, lambda items: (_read_only, (dict(items),)))  # which Python does not pickle


class EndedCallError(ConvwrightError):
    """Call that passed a limit, or ended its process, before it was done.

    Attributes
    ----------
    subject : str
        The network that it was at work on, as the last step named it.
    """

    subject = ""


class Printed(NamedTuple):
    """The file printed something."""

    text: str


class Given(NamedTuple):
    """The function returned or yielded a value."""

    value: Any


class Done(NamedTuple):
    """The call is done."""


class Failed(NamedTuple):
    """The call raised an error."""

    error: ConvwrightError


Message = Step | Printed | Given | Done | Failed


class LimitedCall(NamedTuple):
    """A call, and what its process needs.

    Attributes
    ----------
    label : str
        Name of the file in messages.
    function, arguments
        What to call, and with what.
    users_place : callable
        `users_place(file, line)` words a line of a user's file with its place, and is "" for any other line.
    limits : Limits
        Of the process.
    folder : str
        Working folder.
    parent : int
        Process that waits for the answer.
    """

    label: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    users_place: Callable[[str, int], str]
    limits: Limits
    folder: str
    parent: int


class MessageSender(io.RawIOBase):
    """Sends messages to the parent, from any thread; what is written to it as a file goes there as well.

    Attributes
    ----------
    subject : str
        The network that the last step is about.
    """

    def __init__(self, messages: Connection) -> None:
        self._messages, self._lock, self.subject = messages, threading.Lock(), ""

    def send(self, message: Message) -> None:
        """Send a message."""
        if isinstance(message, Step):
            self.subject = message.subject
        data = ForkingPickler.dumps(message)
        with self._lock:
            self._messages.send_bytes(data)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Send what is printed."""
        self.send(Printed(bytes(data).decode(errors="replace")))
        return len(data)


def main(job: LimitedCall, messages: Connection, stack: Connection) -> None:
    """Call the function of `job` and send what it returns or yields; the process ends here, whatever happens."""
    leave, sender = os._exit, MessageSender(messages)
    try:
        _end_with_parent(job.parent, messages)
        _report_stacks(stack.fileno())
        _keep_to_itself()
        job.limits.limit_memory()
        os.chdir(job.folder)
        sys.stdout = sys.stderr = io.TextIOWrapper(sender, errors="replace", write_through=True)
        with heard_by(sender.send):
            sender.send(Step(""))
            returned = job.function(*job.arguments)
            for value in returned if inspect.isgeneratorfunction(job.function) else [returned]:
                sender.send(Given(value))
            sender.send(Done())
    except ConvwrightError as error:
        sender.send(Failed(memory_error(error, job.label) or error))
    except BaseException as error:
        sender.send(Failed(_ended_by(error, job, sender.subject or job.label)))
    finally:
        leave(0)


def _ended_by(error: BaseException, job: LimitedCall, name: str) -> EndedCallError:
    found = memory_error(error, name)
    if found is not None:
        return EndedCallError(found.problem, expected=found.expected, got=found.got, hint=found.hint)
    frames = traceback.extract_tb(error.__traceback__)
    places = (job.users_place(frame.filename, frame.lineno or 0) for frame in reversed(frames))
    place = next(filter(None, places), f"{frames[-1].line!r} ({frames[-1].filename}:{frames[-1].lineno})")
    words = str(error).partition("\n")[0]
    return EndedCallError(f"{name} cannot be looked at: {type(error).__name__}: {words}", got=place)


def _end_with_parent(parent: int, messages: Connection) -> None:
    """Leave the terminal to the parent, and end when it is gone, however that happens."""
    if not hasattr(os, "setsid"):
        return
    os.setsid()  # a group of its own: whoever ends the group ends what the file has started, too
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # started by a server, which may outlive the parent
        threading.Thread(target=_end_at_hangup, args=(messages,), daemon=True).start()


def _end_at_hangup(messages: Connection) -> None:
    try:
        messages.recv_bytes()  # nothing ever comes but the end
    except (EOFError, OSError):
        os.killpg(0, signal.SIGKILL)


def _report_stacks(file: int) -> None:
    """Write the stack to `file` when the process crashes, and when the parent asks for it."""
    faulthandler.enable(file=file, all_threads=False)
    if STACK_SIGNAL is not None:
        faulthandler.register(STACK_SIGNAL, file=file, all_threads=False)


def _keep_to_itself() -> None:
    """Let no code of the user's end this process without a word, multiply it, or write to the parent's output."""
    leave, own = os._exit, os.getpid()

    def leave_with_a_word(status: int) -> None:
        if os.getpid() != own:
            leave(status)
        raise SystemExit(f"os._exit({status})")

    os._exit = leave_with_a_word  # type: ignore[assignment]
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: leave(0))
    os.dup2(2, 1)
