"""The device that work runs on."""

import torch

from ..errors import ConvwrightError, require_choice


def find_device(name: str) -> str:
    """The kind of device that `name` asks for; "auto" takes a GPU where there is one.

    Raises
    ------
    ConvwrightError
        For one that torch does not find.

    >>> find_device("cpu")
    'cpu'
    """
    found = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    require_choice("device", name, ("auto", *found))
    if name == "auto":
        return next(kind for kind in ("cuda", "mps", "cpu") if found[kind])
    if not found[name]:
        raise ConvwrightError(f"device {name}", got="none that torch finds", hint="use auto")
    return name
