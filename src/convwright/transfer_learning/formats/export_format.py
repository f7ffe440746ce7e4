"""Description of a format: how a file of it is written, and how it is run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.export import ExportedProgram

RunImages = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """Kind of file that a network is exported to.

    Attributes
    ----------
    suffix : str
        Suffix of the file's name, with its dot.
    runtime : str
        Name of what runs the file.
    write : callable
        Function of a program, a path and a card: writes one file, with the program and the card in it.
    load : callable
        Function of a path: returns a function from images (N, C, H, W) to logits, on the CPU, with as many threads as
        torch has.
    packages : tuple of str
        Modules that the two import besides torch, all from the extra `export`.
    opset : int or None
        Version of the operators, for ONNX.
    """

    suffix: str
    runtime: str
    write: Callable[[ExportedProgram, Path, Mapping[str, Any]], None]
    load: Callable[[Path], RunImages]
    packages: tuple[str, ...] = ()
    opset: int | None = None
