"""One call of an operator of ONNX: its inputs, as tensors or as numbers, and its attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import ConvwrightError

Value = Tensor | np.ndarray[Any, Any] | None


@dataclass(frozen=True, kw_only=True)
class NodeCall:
    """A call of an operator.

    Attributes
    ----------
    op_type : str
        Name of the operator.
    inputs : sequence of Tensor, array or None
        Tensors that depend on the network's inputs or are its weights; arrays that are known without a pass, such as
        a shape; None for an optional input that is left out.
    attributes : mapping
        Attributes of the node, as Python values.
    num_outputs : int
        Number of outputs that the graph uses.
    opset : int
        Version of the operator set that the file is written for.

    Examples
    --------
    >>> call = NodeCall(op_type="Clip", inputs=(torch.ones(1), np.array(0.0)), attributes={}, num_outputs=1, opset=18)
    >>> call.numbers(1, "min"), call.numbers(2, "max"), call.attribute("axis", 1)
    (0.0, None, 1)
    """

    op_type: str
    inputs: Sequence[Value]
    attributes: Mapping[str, Any]
    num_outputs: int
    opset: int

    def attribute(self, name: str, default: Any = None) -> Any:
        """Return an attribute, or the default that its operator has."""
        return self.attributes.get(name, default)

    def has(self, place: int) -> bool:
        """Return True if the input at a place is given."""
        return place < len(self.inputs) and self.inputs[place] is not None

    def optional(self, place: int) -> Tensor | None:
        """Return an input as a tensor; None if it is left out."""
        value = self.inputs[place] if place < len(self.inputs) else None
        return as_tensor(value) if isinstance(value, np.ndarray) else value

    def tensor(self, place: int) -> Tensor:
        """Return an input as a tensor.

        Raises
        ------
        ConvwrightError
            If it is left out.
        """
        value = self.optional(place)
        if value is None:
            raise ConvwrightError(f"{self.op_type} of the ONNX file", expected=f"an input number {place + 1}")
        return value

    def tensors(self) -> list[Tensor]:
        """Return all inputs as tensors."""
        return [self.tensor(place) for place in range(len(self.inputs))]

    def operand(self, place: int) -> Any:
        """Return an input of element-wise arithmetic: a number where it is a known scalar, else a tensor."""
        value = self.inputs[place]
        return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else self.tensor(place)

    def numbers(self, place: int, name: str = "") -> Any:
        """Return the numbers in an input, or of the attribute that older operator sets have for it.

        A tensor that depends on the network's inputs is read, as `tolist` does.
        """
        if not self.has(place):
            return self.attributes.get(name)
        value = self.inputs[place]
        return value.tolist() if value is not None else None


def as_tensor(array: np.ndarray[Any, Any]) -> Tensor:
    """Return an array as a tensor of its own; a dtype that torch lacks becomes float32.

    >>> as_tensor(np.array([1, 2], dtype=np.int8)).dtype
    torch.int8
    """
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16)
    try:
        return torch.from_numpy(np.array(array))
    except TypeError:
        return torch.from_numpy(array.astype(np.float32))
