"""Records of a trace: places, tensors, ops, and rows of the module, parameter and buffer tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Literal, NamedTuple

import torch

from .cells import CellLine, location_dict, location_words, shown_path

Role = Literal["input", "parameter", "buffer", "constant", "result"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line of source; as text without the current folder, or without that of the installed packages.

    >>> str(Place(file="net.py", line=41))
    'net.py:41'

    Attributes
    ----------
    file : str
        Path of the file.
    line : int
        Line of its Python source, from 1.
    cell : CellLine or None
        The same line as a notebook shows it; None for other files.
    """

    file: str
    line: int
    cell: CellLine | None = None

    def __str__(self) -> str:
        return location_words(self.shown_file, self.line, self.cell)

    @property
    def shown_file(self) -> str:
        """Path without the current folder, or without that of the installed packages."""
        return shown_path(self.file)

    @property
    def line_words(self) -> str:
        """Line without the file."""
        return str(self.cell) if self.cell else f"line {self.line}"

    def to_dict(self) -> dict[str, Any]:
        """File and line; of a notebook also the cell, and the line in it."""
        return location_dict(self.file, self.line, self.cell)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Tensor:
    """The facts of one tensor; it holds no numbers. Two tensors are equal only when they are the same one.

    Attributes
    ----------
    shape, stride, dtype
        As torch reports them.
    role : str
        An "input", "parameter" or "buffer" of the model, a "constant" made inside `forward`, or the "result" of an op.
    producer : int or None
        Index of the op that made it; None when it is not a result.
    storage : int
        Id of the tensor that first owned its memory: tensors of one storage are views of, or were written over,
        each other.
    name : str
        Qualified name of a parameter or buffer, argument name of an input.
    """

    id: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype
    role: Role = "result"
    producer: int | None = None
    storage: int
    name: str = ""

    @property
    def is_alias(self) -> bool:
        """True if its memory belongs to an earlier tensor: a view, or the result of an in-place op."""
        return self.storage != self.id

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def numel(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes its elements take (not those of the storage it may be a view of)."""
        return prod(self.shape) * self.dtype.itemsize

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain values."""
        return {
            "id": self.id,
            "shape": list(self.shape),
            "stride": list(self.stride),
            "dtype": dtype_name(self.dtype),
            "role": self.role,
            "producer": self.producer,
            "storage": self.storage,
            "name": self.name,
        }


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Op:
    """One traced call.

    Attributes
    ----------
    index : int
        Position in `Graph.ops`.
    kind : str
        Canonical name, the same whether called as module, function, method or operator, in place or not.
    args : mapping
        Every argument under torch's name, defaults filled in; tensors appear as `Tensor`, all else as passed.
        Windows are tuples with one entry an axis, dims are counted from the front.
    inputs, outputs : tuple of Tensor
        The tensors read, in the order of `args`, and made (an in-place op makes a new one in the old storage).
    path, module_type : str
        The innermost module whose `forward` was running: its dotted path ("" is the model) and its class.
    call : int
        Which call of that module this was, from 1.
    place : Place or None
        The line of the nearest frame outside torch; None when only torch ran.
    is_inplace : bool
        True if the first input was overwritten.
    tracks_gradients : bool
        False if it ran under `torch.no_grad()` or the like, entered inside `forward`.
    checkpoint : int
        Number, from 1, of the region of `torch.utils.checkpoint` that it ran in; 0 when in none.
    """

    index: int
    kind: str
    args: Mapping[str, Any]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    path: str
    module_type: str
    call: int
    place: Place | None
    is_inplace: bool = False
    tracks_gradients: bool = True
    checkpoint: int = 0

    @property
    def input(self) -> Tensor:
        """The first tensor read."""
        return self.inputs[0]

    @property
    def output(self) -> Tensor:
        """The first tensor made."""
        return self.outputs[0]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Qualified names of the parameters read directly."""
        return tuple(tensor.name for tensor in self.inputs if tensor.role == "parameter")

    @property
    def has_bias(self) -> bool:
        """True if a bias is added."""
        return self.args.get("bias") is not None

    def to_dict(self) -> dict[str, Any]:
        """The op as plain values; tensors by id."""
        return {
            "index": self.index,
            "kind": self.kind,
            "args": {name: _plain(value) for name, value in self.args.items()},
            "inputs": [tensor.id for tensor in self.inputs],
            "outputs": [tensor.id for tensor in self.outputs],
            "path": self.path,
            "module_type": self.module_type,
            "call": self.call,
            "place": self.place.to_dict() if self.place else None,
            "is_inplace": self.is_inplace,
            "tracks_gradients": self.tracks_gradients,
            "checkpoint": self.checkpoint,
        }


class Weight(NamedTuple):
    """A row of the parameter or buffer table.

    Attributes
    ----------
    tensor : Tensor
        Its facts.
    names : tuple of str
        Every qualified name of it: several when it is shared.
    trainable : bool
        True if it requires gradients.
    """

    tensor: Tensor
    names: tuple[str, ...]
    trainable: bool

    @property
    def name(self) -> str:
        """Its first qualified name."""
        return self.names[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """As torch reports it."""
        return self.tensor.shape

    @property
    def dtype(self) -> torch.dtype:
        """As torch reports it."""
        return self.tensor.dtype

    @property
    def numel(self) -> int:
        """Number of elements."""
        return self.tensor.numel

    @property
    def nbytes(self) -> int:
        """Bytes its elements take."""
        return self.tensor.nbytes

    def to_dict(self) -> dict[str, Any]:
        """The row as plain values."""
        return {
            "name": self.name,
            "names": list(self.names),
            "shape": list(self.shape),
            "dtype": dtype_name(self.dtype),
            "trainable": self.trainable,
        }


class ModuleRow(NamedTuple):
    """A row of the module table, called or not.

    `paths` holds every path of the same module (several when it is shared); `path` is the first.
    """

    path: str
    paths: tuple[str, ...]
    module_class: type
    num_calls: int
    training: bool
    is_leaf: bool

    @property
    def type(self) -> str:
        """Name of the module's class."""
        return self.module_class.__name__

    def to_dict(self) -> dict[str, Any]:
        """The row as plain values."""
        return {
            "path": self.path,
            "paths": list(self.paths),
            "type": self.type,
            "num_calls": self.num_calls,
            "training": self.training,
            "is_leaf": self.is_leaf,
        }


def dtype_name(dtype: torch.dtype) -> str:
    """The dtype without its package.

    >>> dtype_name(torch.float32)
    'float32'
    """
    return str(dtype).removeprefix("torch.")


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return {"tensor": value.id}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, int | float | str | None) else str(value)
