"""The factory of a network: found in a file or package, and called."""

from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any

from torch import nn

from ..errors import ConvwrightError, unknown
from .arguments import check_arguments
from .guards.guard import RefusedCallError
from .guards.isolation import active_guard
from .reading.file_import import load_file, load_package, users_line
from .reading.installed import is_source_file
from .reading.left_out import IMPORT_HINT, explain, left_out_error, reading_of
from .reading.reader import FileReader


def find_factory(source: str, name: str, reader: FileReader | None = None) -> Any:
    """Import the file or package `source` and return what `name` is in it; `reader` reads it, if one is active.

    Raises
    ------
    ConvwrightError
        When `source` is missing or fails, with the user's own line; when it has no such name, with the nearest ones.
    """
    module = load_file(source, reader) if is_source_file(source) else load_package(source, reader)
    factory = getattr(module, name, None)
    if callable(factory):
        return factory
    reading = reading_of(vars(module))
    if reading is not None and name in reading.names:
        raise left_out_error(name, reading.names[name])
    own = [key for key, value in vars(module).items() if _is_defined_in(module, value)]
    raise unknown(f"factory in {source}", name, own)


def call_factory(factory: Any, arguments: Mapping[str, Any], label: str) -> nn.Module:
    """Return the network that `factory` makes of `arguments`; a module is its own factory.

    Raises
    ------
    ConvwrightError
        When the arguments do not fit, the factory raises, or what it returns is not an `nn.Module`.
    """
    if isinstance(factory, nn.Module):
        return factory
    check_arguments(factory, arguments, label)
    return called(partial(factory, **arguments), label)


def called(call: Callable[[], Any], label: str) -> nn.Module:
    """Return the network that `call` makes.

    Raises
    ------
    ConvwrightError
        When it raises, with the user's line, or what it returns is not an `nn.Module`.
    """
    try:
        module = call()
    except ConvwrightError:
        raise
    except (Exception, SystemExit) as error:
        explained = RefusedCallError.within(error) or explain(error)
        if explained is not None:
            raise explained from error
        guard = active_guard()
        hint = f"weights were not loaded; {IMPORT_HINT}" if guard and guard.has_unloaded else ""
        problem = f"{label} raised {type(error).__name__}: {error}"
        raise ConvwrightError(problem, got=users_line(error), hint=hint) from error
    if not isinstance(module, nn.Module):
        raise ConvwrightError(
            label, expected="an nn.Module", got=type(module).__name__, hint="name a factory that returns the model"
        )
    if not hasattr(module, "training"):
        raise ConvwrightError(f"{label} is no module yet", hint="begin its __init__ with super().__init__()")
    return module


def _is_defined_in(module: ModuleType, value: Any) -> bool:
    return callable(value) and getattr(value, "__module__", module.__name__) == module.__name__
