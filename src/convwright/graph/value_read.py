"""Call of a model that needs the numbers in a tensor, as a graph and its reports tell of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .records import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueRead:
    """A call that needs the numbers in a traced tensor.

    Attributes
    ----------
    name : str
        The call as a person knows it: "item", "getitem", "if".
    path : str
        Path of the module that was running.
    place : Place or None
        Line of the call; None when only torch ran.

    Examples
    --------
    >>> print(ValueRead(name="if", path="head", place=Place(file="net.py", line=41)))
    net.py:41 (if)
    """

    name: str
    path: str
    place: Place | None

    def __str__(self) -> str:
        return f"{self.place or self.path or 'the top'} ({self.name})"

    @property
    def leaves_torch(self) -> bool:
        """True if Python or numpy may compute with the numbers, which no trace sees."""
        return self.name in ("numpy", "array", "tolist")

    def to_dict(self) -> dict[str, Any]:
        """Return the call as plain values."""
        return {"name": self.name, "path": self.path, "place": self.place.to_dict() if self.place else None}


def value_read(function: str, path: str, place: Place | None) -> ValueRead:
    """Return the call of a torch function that needs numbers.

    >>> value_read("__bool__", "head", None).name
    'if'
    """
    name = _WORDS.get(function, function.strip("_"))
    return ValueRead(name=name, path=path, place=place)


_WORDS = {"__bool__": "if", "__int__": "int()", "__float__": "float()", "__index__": "an index"}


def value_notes(reads: Sequence[ValueRead]) -> list[str]:
    """Return sentences on what holds for one input only; none for a network that needs no numbers.

    >>> value_notes([ValueRead(name="numpy", path="", place=Place(file="net.py", line=7))])[1]
    'numbers leave torch at net.py:7 (numpy): what is computed from them there counts as a constant'
    """
    why = "TorchScript is computed" if reads and reads[0].name == "torchscript" else "the path depends on values"
    notes = [f"for this input: {why}, at {reads[0]}"] if reads else []
    left = [str(read) for read in reads if read.leaves_torch]
    if left:
        notes.append(f"numbers leave torch at {', '.join(left)}: what is computed from them there counts as a constant")
    return notes
