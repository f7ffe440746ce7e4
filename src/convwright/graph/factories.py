"""Imports the file or package a user names, finds the factory in it, and calls it."""

import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from convwright.errors import ConvwrightError, unknown

from .edited import EditedLoader


def find_factory(source: str, name: str) -> Any:
    """What `name` is in the file or package `source`, which is imported.

    Raises
    ------
    ConvwrightError
        When `source` is missing or fails, with the user's own line; when it has no such name, with the nearest ones.
    """
    module = load_file(source) if source.endswith(".py") else _from_package(source)
    found = getattr(module, name, None)
    if callable(found):
        return found
    own = [key for key, value in vars(module).items() if _is_factory(value, module)]
    raise unknown(f"factory in {source}", name, own)


def build(factory: Any, arguments: Mapping[str, Any], label: str) -> nn.Module:
    """The model that `factory` makes of `arguments`; a module is its own factory.

    Raises
    ------
    ConvwrightError
        When the arguments do not fit, the factory raises, or what it returns is not an `nn.Module`.
    """
    if isinstance(factory, nn.Module):
        return factory
    _check_arguments(factory, arguments, label)
    try:
        model = factory(**arguments)
    except ConvwrightError:
        raise
    except Exception as error:
        raise ConvwrightError(f"{label} raised {type(error).__name__}: {error}", got=_users_line(error)) from error
    if not isinstance(model, nn.Module):
        raise ConvwrightError(
            label, expected="an nn.Module", got=type(model).__name__, hint="name a factory that returns the model"
        )
    return model


def parameters_of(factory: Any) -> dict[str, Any]:
    """The keyword parameters of `factory` that have a default, with it; none of a module, which is its own factory."""
    if isinstance(factory, nn.Module):
        return {}
    named = inspect.signature(factory).parameters.values()
    return {
        each.name: each.default
        for each in named
        if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) and each.default is not each.empty
    }


def load_file(source: str) -> ModuleType:
    """Import a file anew, its own folder first in the path as for `python path/to/file.py`.

    Raises
    ------
    ConvwrightError
        When it is missing, or fails.
    """
    path = Path(source).resolve()
    if not path.is_file():
        near = sorted(os.path.relpath(file) for file in path.parent.glob("*.py")) if path.parent.is_dir() else []
        raise unknown("file", source, near)
    name = f"convwright_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path, loader=EditedLoader(name, os.fspath(path)))
    if spec is None or spec.loader is None:
        raise ConvwrightError(source, expected="a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, os.fspath(path.parent))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _does_not_import(source, error) from error
    finally:
        sys.path.remove(os.fspath(path.parent))
    return module


def _check_arguments(factory: Any, arguments: Mapping[str, Any], label: str) -> None:
    parameters = inspect.signature(factory).parameters.values()
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    names = [p.name for p in named]
    for name in arguments:
        if name not in names and not any(p.kind is p.VAR_KEYWORD for p in parameters):
            raise unknown(f"argument of {label}", name, names)
    missing = [p.name for p in named if p.default is p.empty and p.name not in arguments]
    if missing:
        raise ConvwrightError(
            f"{label} needs {'an argument' if len(missing) == 1 else 'arguments'}",
            expected=", ".join(missing),
            hint="add " + " ".join(f"--arg {name}=..." for name in missing),
        )


def _is_factory(value: Any, module: ModuleType) -> bool:
    return callable(value) and getattr(value, "__module__", module.__name__) == module.__name__


def _from_package(source: str) -> ModuleType:
    before = set(sys.modules)
    # A command run in a project's folder finds the project's packages.
    sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(source)
    except ModuleNotFoundError as error:
        if error.name and source.split(".")[0] == error.name.split(".")[0]:
            raise ConvwrightError(f"there is no module {source}", hint="name a file as path/to/file.py") from None
        raise _does_not_import(source, error) from error
    except (Exception, SystemExit) as error:
        raise _does_not_import(source, error) from error
    finally:
        sys.path.remove(os.getcwd())
        if source not in sys.modules:
            for name in set(sys.modules) - before:
                if name.split(".")[0] == source.split(".")[0]:
                    del sys.modules[name]


def _does_not_import(source: str, error: BaseException) -> ConvwrightError:
    return ConvwrightError(
        f"{source} does not import: {type(error).__name__}: {error}", got=_users_line(error), hint="run it by itself"
    )


def _users_line(error: BaseException) -> str:
    """The deepest line of the traceback outside installed packages, with its place."""
    if isinstance(error, SyntaxError):
        return f"{(error.text or '').strip()!r} ({error.filename}:{error.lineno})"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename and "importlib" not in frame.filename]
    frame = own[-1] if own else frames[-1]
    return f"{frame.line!r} ({frame.filename}:{frame.lineno})"
