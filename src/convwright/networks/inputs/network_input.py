"""One input of a network: name, shape and dtype; as a person writes it, and as a trace takes it."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from ...errors import ConvwrightError
from ...graph.inputs import Inputs, Plain
from ...graph.records import dtype_name
from .containers import containers, forward_parameters, nested

_FORM = re.compile(r"(?:(?P<name>[^\W\d]\w*(?:\.[\w-]+)*)=)?(?P<sizes>[^:=]*)(?::(?P<dtype>\w+))?")
_PLAIN = re.compile(r"(?P<name>[^\W\d]\w*(?:\.[\w-]+)*):=(?P<value>.*)", re.DOTALL)
_HINT = (
    "C x H x W, for token ids 1x16:int64, by name y=1x28x28, in a list or mapping y.0=3x28x28 or y.key=1x8x28x28, a "
    "value that is no tensor scale:=0.5"
)


@dataclass(frozen=True, kw_only=True)
class NetworkInput:
    """An input of a network.

    Attributes
    ----------
    shape : tuple of int
        Its shape, batch included.
    name : str
        The parameter of `forward` that takes it, with its place or key where that is a list, tuple or mapping, as in
        "images.0" and "maps.p3"; "" for the parameter at its place.
    dtype : torch.dtype or None
        Its dtype; None for that of the network's parameters.
    plain : tuple
        The value of an argument that is no tensor, alone in a tuple; () for a tensor.

    Examples
    --------
    >>> str(NetworkInput(shape=(1, 16), name="tokens", dtype=torch.int64))
    'tokens=1x16:int64'
    """

    shape: tuple[int, ...]
    name: str = ""
    dtype: torch.dtype | None = None
    plain: tuple[Any, ...] = ()

    def __str__(self) -> str:
        """Return it as `parse_input` reads it."""
        if self.plain:
            return f"{self.name}:={self.plain[0]!r}"
        sizes = "x".join(map(str, self.shape))
        return f"{self.name}={sizes}{self.suffix}" if self.name else f"{sizes}{self.suffix}"

    @property
    def parameter(self) -> str:
        """The parameter of `forward` alone."""
        return self.name.partition(".")[0]

    @property
    def is_item(self) -> bool:
        """True for an item of a list, tuple or mapping."""
        return "." in self.name

    @property
    def ndim(self) -> int:
        """Number of axes, that of the batch included."""
        return len(self.shape)

    @property
    def suffix(self) -> str:
        """The dtype as part of a text; "" for that of the parameters."""
        return f":{dtype_name(self.dtype)}" if self.dtype else ""

    @property
    def example(self) -> Any:
        """The shape, or a tensor without memory where the dtype is known, or the value that is no tensor."""
        if self.plain:
            return Plain(self.plain[0])
        return torch.empty(self.shape, dtype=self.dtype, device="meta") if self.dtype else self.shape

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        dtype = dtype_name(self.dtype) if self.dtype else None
        plain = {"value": repr(self.plain[0])} if self.plain else {}
        return {"name": self.name, "shape": list(self.shape), "dtype": dtype, **plain}


def parse_input(text: str) -> NetworkInput:
    """Read an input such as `3x224x224`: three sizes are one image, otherwise all sizes stand as they are.

    So do those of an item of a list, tuple or mapping.

    >>> parse_input("3x224x224").shape, parse_input("2x3x64x64").shape, str(parse_input("ids=1x16:int64"))
    ((1, 3, 224, 224), (2, 3, 64, 64), 'ids=1x16:int64')
    >>> parse_input("images.0=3x224x224").shape
    (3, 224, 224)
    >>> parse_input("scale:=0.5").plain, parse_input("mode:=nearest").plain, parse_input("size:=(16, 16)").plain
    ((0.5,), ('nearest',), ((16, 16),))
    """
    plain = _PLAIN.fullmatch(text.strip())
    if plain:
        return NetworkInput(shape=(), name=plain["name"], plain=(_literal(plain["value"]),))
    found = _FORM.fullmatch(text.strip())
    sizes = re.split("[xX*]", found["sizes"]) if found else []
    dtype = getattr(torch, found["dtype"], None) if found and found["dtype"] else None
    is_dtype = found is not None and (not found["dtype"] or isinstance(dtype, torch.dtype))
    if not is_dtype or not all(size.strip().isdigit() and int(size) > 0 for size in sizes):
        raise ConvwrightError(f"input {text!r}", expected="sizes such as 3x224x224 or 2x3x64x64", hint=_HINT)
    shape = tuple(int(size) for size in sizes)
    name = found["name"] or "" if found else ""
    shape = (1, *shape) if len(shape) == 3 and not dtype and "." not in name else shape
    return NetworkInput(shape=shape, name=name, dtype=dtype)


def _literal(text: str) -> Any:
    """Return a value as Python writes it; anything else is a text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def parse_inputs(text: str) -> tuple[NetworkInput, ...]:
    """Read several inputs with commas, semicolons or spaces between them; none of an empty text.

    >>> " and ".join(map(str, parse_inputs("3x32x32, 1x32x32")))
    '1x3x32x32 and 1x1x32x32'
    """
    return tuple(parse_input(part) for part in re.split(r"[\s,;]+", text) if part)


def written(inputs: Sequence[NetworkInput]) -> str:
    """Return inputs in words; the name of a single one is left out.

    >>> written([NetworkInput(shape=(1, 3, 8, 8), name="x")])
    '1x3x8x8'
    """
    if len(inputs) == 1 and not inputs[0].is_item and not inputs[0].plain:
        return f"{'x'.join(map(str, inputs[0].shape))}{inputs[0].suffix}"
    return ", ".join(map(str, inputs))


def typed(inputs: Sequence[NetworkInput]) -> str:
    """Return inputs as somebody would type them for `parse_inputs`: an image without its batch of 1.

    >>> typed([NetworkInput(shape=(1, 3, 8, 8), name="x")])
    '3x8x8'
    """
    short = [replace(each, shape=each.shape[1:]) if _is_one_image(each) else each for each in inputs]
    return written(short)


def _is_one_image(spec: NetworkInput) -> bool:
    return spec.ndim == 4 and spec.shape[0] == 1 and spec.dtype is None and not spec.is_item


def positional_names(module: nn.Module) -> list[str]:
    """Return the names of the parameters of `forward` that can be given by position."""
    parameters = forward_parameters(module)
    return [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]


def as_inputs(module: nn.Module, specs: Sequence[NetworkInput]) -> Inputs:
    """Return inputs as `graph.trace` takes them: by position where they are the first ones, else by name."""
    if not any(spec.name for spec in specs):
        return [spec.example for spec in specs]
    names = positional_names(module)
    values: dict[str, Any] = {}
    for place, spec in enumerate(specs):
        parameter, *keys = (spec.name or (names[place] if place < len(names) else "")).split(".")
        _put(values, [parameter, *keys], spec.example)
    kinds = containers(module) if any(spec.is_item for spec in specs) else {}
    values = {name: nested(value, kinds.get(name)) for name, value in values.items()}
    rest = next((each.name for each in forward_parameters(module) if each.kind is each.VAR_POSITIONAL), "")
    first = [name for name in values if name != rest]
    if first != names[: len(first)]:
        return values
    return [*map(values.__getitem__, first), *values.get(rest, ())]


def _put(items: dict[str, Any], keys: list[str], value: Any) -> None:
    """Put a value into nested dicts."""
    key, *inner = keys
    is_new = key not in items
    known = items.setdefault(key, {} if inner else value)
    if not is_new and not (inner and isinstance(known, dict)):
        raise ConvwrightError(
            f"input {key!r} is given twice", hint="give a tensor, or each item once: y.0=..., y.1=..."
        )
    if inner:
        _put(known, inner, value)
