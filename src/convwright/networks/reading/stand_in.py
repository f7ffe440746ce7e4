"""Stand-ins for packages that are not installed: they can be named, but not used."""

import copy
import dis
import sys
from importlib.util import find_spec
from types import FrameType, FunctionType
from typing import Any, NoReturn

from torch import nn

from ...errors import ConvwrightError
from ...graph.places import place_at
from ..guards.isolation import active_guard


class StandIn:
    """A name of a package that is missing; whatever computes with it raises an error that names package and line.

    Parameters
    ----------
    package : str
        The package, or the part of it, that cannot be imported.
    name : str
        Dotted name of what is stood in for.
    imported_at : str
        File and line of the import.
    """

    def __init__(self, package: str, name: str, imported_at: str) -> None:
        self._package, self._name, self._imported_at = package, name, imported_at

    def __getattr__(self, name: str) -> "StandIn":
        """Return the stand-in for an attribute."""
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(self._package, f"{self._name}.{name}", self._imported_at)

    def __repr__(self) -> str:
        """Return the dotted name."""
        return f"<{self._name} of a missing package>"

    def __instancecheck__(self, instance: object) -> bool:
        """Return False: nothing is an instance of a class that is not there."""
        return False

    def __or__(self, other: object) -> "StandIn":
        """Return itself: the operator of annotations."""
        return self

    __ror__ = __or__

    def __getitem__(self, key: object) -> "StandIn":
        """Return itself: a subscript of annotations."""
        return self

    def __iter__(self) -> NoReturn:
        """Refuse to be unpacked."""
        self._refuse()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return a function or class that is decorated, or a part of the module that is made; refuse any other call.

        A call whose value nobody takes, such as that of a logger, is left out and noted.
        """
        is_decorator = len(args) == 1 and not kwargs and isinstance(args[0], FunctionType | type)
        if is_decorator:
            return args[0]
        caller = sys._getframe(1)
        guard = active_guard()
        if guard is not None and _is_discarded(caller):
            place = place_at(caller.f_code.co_filename, caller.f_lineno)
            guard.note(f"{self._name} ({place}) was not called: {self._package} is missing")
            return None
        is_part = caller.f_code.co_name == "__init__" and isinstance(caller.f_locals.get("self"), nn.Module)
        return StandInPart(self._needed()) if is_part else self._refuse()

    def _needed(self) -> ConvwrightError:
        """Return the error that names the line that runs."""
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_code.co_filename == __file__:
            frame = frame.f_back
        return ConvwrightError(
            f"{self._name} is needed at {place_at(frame.f_code.co_filename, frame.f_lineno)}",
            expected=f"{self._package}, which {self._imported_at} imports, to be installed",
            hint=f"pip install {self._package.partition('.')[0]}",
        )

    def _refuse(self, *_: object) -> NoReturn:
        raise self._needed()

    __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __rsub__ = __truediv__ = __rtruediv__ = _refuse
    __enter__ = __len__ = __int__ = __float__ = __index__ = __bool__ = __lt__ = __gt__ = _refuse

    def __exit__(self, *_: object) -> None:
        """Do nothing; it is never entered."""


def _is_discarded(frame: FrameType) -> bool:
    """Return True if the call that a frame is at is a statement of its own."""
    after = (each.opname for each in dis.get_instructions(frame.f_code) if each.offset > frame.f_lasti)
    return next(after, "") == "POP_TOP"


class StandInPart(nn.Module):
    """Part of a module that a missing package would make, such as a metric: it can be kept, but not used.

    Parameters
    ----------
    error : ConvwrightError
        Raised when it is called, or asked for what it does not have.
    """

    def __init__(self, error: ConvwrightError) -> None:
        super().__init__()
        self.__dict__["_error"] = error

    def __getattr__(self, name: str) -> Any:
        """Return what every module has; refuse anything else."""
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise copy.copy(self.__dict__["_error"])  # the same one, raised twice, would be its own context

    forward = __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __rsub__ = _refuse
    __iter__ = __getitem__ = __len__ = __int__ = __float__ = __index__ = __bool__ = __lt__ = __gt__ = _refuse


class StandInModule(nn.Module):
    """Base class in place of one of a missing package, such as `LightningModule`."""

    def save_hyperparameters(self, *_: object, **__: object) -> None:
        """Keep the arguments of the initializer that calls it, under `hparams`."""
        given = sys._getframe(1).f_locals
        self.hparams = HyperParameters({k: v for k, v in given.items() if k != "self" and not k.startswith("__")})


class HyperParameters(dict[str, Any]):
    """Arguments of a module, read as items or as attributes."""

    def __getattr__(self, name: str) -> Any:
        """Return an item."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def is_missing(package: str) -> bool:
    """Return True for a package that is not installed.

    >>> is_missing("torch"), is_missing("no_such_package")
    (False, True)
    """
    try:
        return find_spec(package) is None
    except ValueError:  # of a module without a specification
        return False
