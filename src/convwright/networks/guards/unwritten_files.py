"""Files and folders that a user's network would write while it is built or traced, such as its log: they are not."""

import io
import os
from collections.abc import Callable, Mapping
from typing import IO, Any

from .callers import is_called_by_user
from .guard import NetworkGuard

_WRITES = frozenset("wax+")


def opened(
    guard: NetworkGuard | None, original: Callable[..., IO[Any]], file: Any, mode: str = "r", *args: Any, **kwargs: Any
) -> IO[Any]:
    """Open a file; one that is to be written is written to memory, and forgotten."""
    if guard is None or not _WRITES & set(mode) or not is_called_by_user():
        return original(file, mode, *args, **kwargs)
    guard.note_unwritten(os.fspath(file) if isinstance(file, os.PathLike) else str(file))
    return io.BytesIO() if "b" in mode else io.StringIO()


def _save(guard: NetworkGuard, original: Callable[..., None], obj: Any, f: Any, *args: Any, **kwargs: Any) -> None:
    if not isinstance(f, str | os.PathLike):  # into memory
        return original(obj, f, *args, **kwargs)
    guard.note_unwritten(os.fspath(f))
    return None


def _save_arrays(guard: NetworkGuard, original: Callable[..., None], file: Any, *args: Any, **kwargs: Any) -> None:
    if not isinstance(file, str | os.PathLike):
        return original(file, *args, **kwargs)
    guard.note_unwritten(os.fspath(file))
    return None


def _save_picture(
    guard: NetworkGuard, original: Callable[..., None], own: Any, file: Any, *args: Any, **kwargs: Any
) -> None:
    return _save_arrays(guard, lambda *given, **more: original(own, *given, **more), file, *args, **kwargs)


def _log_file(guard: NetworkGuard, original: Callable[..., IO[str]], handler: Any) -> IO[str]:
    del original
    guard.note_unwritten(os.path.basename(handler.baseFilename))
    return io.StringIO()


def _make_folder(guard: NetworkGuard, original: Callable[..., None], name: Any, *args: Any, **kwargs: Any) -> None:
    if not is_called_by_user():
        return original(name, *args, **kwargs)
    guard.note_unwritten(os.fspath(name))
    return None


class _Unwritten:
    """Writer of events that writes none."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Return a method that does nothing."""
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: None


def _event_writer(guard: NetworkGuard, original: Callable[..., Any], writer: Any) -> Any:
    del original
    guard.note_unwritten(os.fspath(writer.log_dir))
    return _Unwritten()


WRITING_CALLS: Mapping[str, Callable[..., Any]] = {
    "logging:FileHandler._open": _log_file,
    "matplotlib.figure:Figure.savefig": _save_picture,
    **{f"numpy:{name}": _save_arrays for name in ("save", "savetxt", "savez", "savez_compressed")},
    "os:makedirs": _make_folder,
    "os:mkdir": _make_folder,
    "pathlib:Path.mkdir": _make_folder,
    "pathlib:Path.open": opened,
    "PIL.Image:Image.save": _save_picture,
    "torch.serialization:save": _save,
    "torch.utils.tensorboard.writer:SummaryWriter._get_file_writer": _event_writer,
}
