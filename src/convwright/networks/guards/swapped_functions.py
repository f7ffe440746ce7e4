"""Functions of libraries with another body for a while, by whatever name others have them."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

Answer = Callable[..., Any]

_PLACE = "module:name of the function"
_ANSWERS: dict[str, Answer] = {}


def call(place: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Answer a call of the function that was at `place`."""
    return _ANSWERS[place](*args, **kwargs)


class SwappedFunctions(MetaPathFinder):
    """Swaps bodies of functions, those of modules that are imported later too.

    The code of a function is exchanged, and not a name for it: `from torch.hub import load_state_dict_from_url` binds
    the function for good, and torchvision and timm do so before or while others are swapped.

    Parameters
    ----------
    answers : mapping of str to callable
        By "module:name" or "module:class.name", what answers a call: it gets a function with the original body, then
        the arguments. A name that is not there, or no function, is passed over.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = answers
        self._originals: dict[FunctionType, CodeType] = {}
        self._attributes: list[tuple[Any, str, Any]] = []

    def install(self) -> None:
        """Swap the functions of all modules that are there, and from now on of those that come."""
        for place in self._answers:
            module = sys.modules.get(place.partition(":")[0])
            if module is not None:
                self._swap(place, module)
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Give all functions back their bodies."""
        sys.meta_path.remove(self)
        while self._originals:
            function, code = self._originals.popitem()
            function.__code__ = code
        while self._attributes:
            setattr(*self._attributes.pop())

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of which functions are to be swapped once it has run."""
        del target
        places = [place for place in self._answers if place.partition(":")[0] == fullname]
        spec = PathFinder.find_spec(fullname, path) if places else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def executed(module: ModuleType) -> None:
            execute(module)
            if self in sys.meta_path:
                for place in places:
                    self._swap(place, module)

        spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec

    def _swap(self, place: str, module: ModuleType) -> None:
        found: Any = module
        for name in place.partition(":")[2].split("."):
            owner, found = found, getattr(found, name, None)
        if isinstance(found, BuiltinFunctionType):  # it has no code: whoever has it by another name keeps it
            self._attributes.append((owner, name, found))
            setattr(owner, name, partial(self._answers[place], found))
            return
        function = inspect.unwrap(found.__func__ if isinstance(found, MethodType) else found) if found else None
        if not isinstance(function, FunctionType) or function.__closure__ or function in self._originals:
            return
        original = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
        original.__kwdefaults__ = function.__kwdefaults__
        _ANSWERS[place] = partial(self._answers[place], original)
        self._originals[function] = function.__code__
        constants = tuple(place if each == _PLACE else each for each in _body.__code__.co_consts)
        function.__code__ = _body.__code__.replace(co_consts=constants, co_name=function.__name__)


def _body(*args: Any, **kwargs: Any) -> Any:
    # Runs with the globals of the function that it is swapped into.
    from convwright.networks.guards.swapped_functions import call

    return call("module:name of the function", args, kwargs)
