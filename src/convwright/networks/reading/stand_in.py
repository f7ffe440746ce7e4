"""Stand-ins for packages that are not installed: they can be named, but not used."""

import sys
from types import FunctionType
from typing import Any, NoReturn

from torch import nn

from ...errors import ConvwrightError
from ...graph.places import place_at


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
        """Return a function or class that is decorated; refuse any other call."""
        is_decorator = len(args) == 1 and not kwargs and isinstance(args[0], FunctionType | type)
        return args[0] if is_decorator else self._refuse()

    def _refuse(self, *_: object) -> NoReturn:
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_code.co_filename == __file__:
            frame = frame.f_back
        raise ConvwrightError(
            f"{self._name} is needed at {place_at(frame.f_code.co_filename, frame.f_lineno)}",
            expected=f"{self._package}, which {self._imported_at} imports, to be installed",
            hint=f"pip install {self._package.partition('.')[0]}",
        )

    __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __rsub__ = __truediv__ = __rtruediv__ = _refuse
    __enter__ = __len__ = __int__ = __float__ = __index__ = __bool__ = __lt__ = __gt__ = _refuse

    def __exit__(self, *_: object) -> None:
        """Do nothing; it is never entered."""


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
