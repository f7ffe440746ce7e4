"""Stand-in for what a file of weights holds, where the file is not loaded."""

from typing import Any, NoReturn

import torch

from ...errors import ConvwrightError
from ..reading.left_out import IMPORT_HINT
from .callers import users_place


class UnloadedWeights(dict[str, Any]):
    """Weights that were not loaded: an empty dictionary, of which every item and attribute is of the same kind.

    It can be renamed, filtered, converted and handed to `load_state_dict`, as weights are. What asks for a number in it
    gets an error that names its line.

    Parameters
    ----------
    name : str
        Name of the weights.

    Examples
    --------
    >>> weights = UnloadedWeights("net.pth")
    >>> {key.removeprefix("module."): value for key, value in weights["state_dict"].items()}
    {}
    >>> weights["conv.weight"].mean(1, keepdim=True)
    <what net.pth holds>
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.origin = name

    def __repr__(self) -> str:
        """Return what it stands for."""
        return f"<what {self.origin} holds>"

    def __missing__(self, key: object) -> "UnloadedWeights":
        """Return a stand-in for an item."""
        return UnloadedWeights(self.origin)

    def __delitem__(self, key: Any) -> None:
        """Drop an item, which need not be there."""
        super().pop(key, None)

    def pop(self, key: Any, *default: Any) -> Any:
        """Take an item out."""
        return super().pop(key, *default) if default or key in self else UnloadedWeights(self.origin)

    def __getattr__(self, name: str) -> "UnloadedWeights":
        """Return a stand-in for an attribute, such as the shape of a tensor."""
        if name.startswith("__"):
            raise AttributeError(name)
        return UnloadedWeights(self.origin)

    def __call__(self, *_: Any, **__: Any) -> "UnloadedWeights":
        """Return a stand-in for what a method returns."""
        return UnloadedWeights(self.origin)

    __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __rsub__ = __truediv__ = __call__

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Return what a torch function changes in place as it is, else a stand-in for its result."""
        del func, types, kwargs
        if args and isinstance(args[0], torch.Tensor):
            return args[0]
        return cls(next((each.origin for each in args if isinstance(each, cls)), "the file"))

    def _refuse(self, *_: object) -> NoReturn:
        raise ConvwrightError(
            f"{users_place() or 'the network'} needs what {self.origin} holds",
            expected="a structure that does not depend on weights",
            got="weights that were not loaded",
            hint=IMPORT_HINT,
        )

    __int__ = __float__ = __index__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = _refuse
