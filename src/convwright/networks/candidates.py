"""The networks that a file defines: candidates for a file that is named without a factory."""

import inspect
from types import ModuleType
from typing import Any

from torch import nn
from torch.nn.modules.loss import _Loss

from ..errors import ConvwrightError
from .factories import call_factory
from .reading.file_import import load_file
from .reading.reader import file_reader


def candidates(file: str, *, run_all: bool = False) -> list[str]:
    """Return the names of a file's networks: its modules, and its module classes that need no arguments.

    A loss, and a network that is part of another of them, are left out. `run_all` runs all of the file, as Python does.

    Raises
    ------
    ConvwrightError
        When the file is missing or does not import.
    """
    with file_reader(file, run_all=run_all) as reader:
        return _candidates(load_file(file, reader))


def _candidates(module: ModuleType) -> list[str]:
    made = {name: value for name, value in vars(module).items() if _is_network(value)}
    own = {
        name: value
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, nn.Module) and value.__module__ == module.__name__
        # Other names of a class, and bases that leave it to others what to compute, are no networks.
        if name == value.__name__ and value.forward is not nn.Module.forward
    }
    built = {name: model for name, value in own.items() if (model := _built(value)) is not None}
    inner = [part for model in (*made.values(), *built.values()) for path, part in model.named_modules() if path]
    # A class of which the file makes an instance is linted as that.
    parts = {type(part) for part in (*inner, *made.values())}
    whole = [name for name, model in made.items() if all(model is not part for part in inner)]
    return whole + [name for name, model in built.items() if type(model) not in parts]


def _is_network(value: object) -> bool:
    return isinstance(value, nn.Module) and not isinstance(value, _Loss)


def _built(factory: Any) -> nn.Module | None:
    parameters = inspect.signature(factory).parameters.values()
    if any(p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
        return None
    try:
        return call_factory(factory, {}, factory.__name__)
    except ConvwrightError:
        return None  # an abstract base, or one that must be told something
