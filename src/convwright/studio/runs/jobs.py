"""Commands that the studio started: each a process of its own, as if somebody had typed it."""

import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import ConvwrightError
from ...files import append_to

_PROGRAM = ("python", "-m", "convwright")
_TAIL_BYTES = 16_384
_POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class _Job:
    words: tuple[str, ...]
    output: Path
    process: "subprocess.Popen[bytes]"
    began: float


class Jobs:
    """Processes that the studio started, by name; no others can be stopped.

    Parameters
    ----------
    folder : Path
        In which commands are given.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jobs: dict[str, _Job] = {}
        self._told_to_stop: set[str] = set()

    def start(self, name: str, words: Sequence[str], output: Path) -> None:
        """Run `convwright WORDS`; what it says is added to the file `output`.

        Raises
        ------
        ConvwrightError
            When one of that name is still running, or cannot be started.
        """
        if self.is_running(name):
            raise ConvwrightError(f"{name} is running already")
        try:
            with append_to(output) as file:
                # A session of its own: Ctrl-C in the studio's terminal is for the studio, which passes it on.
                process = subprocess.Popen(  # noqa: S603 - a list of words, no shell
                    [sys.executable, "-u", *_PROGRAM[1:], *words],
                    cwd=self._folder,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise ConvwrightError(f"{shell_line(words)} cannot be started ({error.strerror})") from error
        self._jobs[name] = _Job(words=tuple(words), output=output, process=process, began=time.time())
        self._told_to_stop.discard(name)

    def stop(self, name: str) -> None:
        """Interrupt it, as Ctrl-C does: a training finishes its step and writes a checkpoint.

        Raises
        ------
        ConvwrightError
            When nothing of that name, started here, is running.
        """
        if not self.is_running(name):
            raise ConvwrightError(f"{name} is not running here", hint="what was started elsewhere is stopped there")
        self._told_to_stop.add(name)
        self._jobs[name].process.send_signal(signal.SIGINT)

    def is_running(self, name: str) -> bool:
        """Return True if it was started here and has not ended."""
        return name in self._jobs and self._jobs[name].process.poll() is None

    def is_stopping(self, name: str) -> bool:
        """Return True if it was told to stop and has not ended."""
        return name in self._told_to_stop and self.is_running(name)

    def has_failed(self, name: str) -> bool:
        """Return True if it ended with an error without being told to stop."""
        return self.exit_code(name) not in (None, 0) and name not in self._told_to_stop

    def began(self, name: str) -> float:
        """Return when it was started, in seconds since 1970."""
        return self._jobs[name].began

    def exit_code(self, name: str) -> int | None:
        """Return its exit code; None if it has not ended or was not started here."""
        return self._jobs[name].process.poll() if name in self._jobs else None

    @property
    def names(self) -> list[str]:
        """Names of all that were started."""
        return list(self._jobs)

    def command(self, name: str) -> str:
        """Return the command to type for the same; "" if it was not started here."""
        return shell_line(self._jobs[name].words) if name in self._jobs else ""

    def end(self, seconds: float) -> None:
        """Stop all that run, and wait so long for them to write their checkpoints."""
        running = [name for name in self._jobs if self.is_running(name)]
        for name in running:
            self.stop(name)
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(self.is_running(name) for name in running):
            time.sleep(_POLL_SECONDS)


def shell_line(words: Sequence[str]) -> str:
    """Return a command as it is typed.

    >>> shell_line(["train", "--data", "my photos"])
    "python -m convwright train --data 'my photos'"
    """
    return shlex.join([*_PROGRAM, *words])


def tail(path: Path) -> str:
    """Return the last lines of a command's output; "" if there is no such file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            said = file.read().decode(errors="replace")
    except OSError:
        return ""
    return said if size <= _TAIL_BYTES else "... " + said.partition("\n")[2]
