"""The formats a network is exported to: how a file is written, and how it is run."""

import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram

from ..errors import ConvwrightError

OPSET = 18  # what torch's exporter writes by itself; for others it converts what it has written
INPUT, OUTPUT = "images", "logits"

Run = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Format:
    """A kind of file.

    Attributes
    ----------
    suffix : str
        Of its name.
    runtime : str
        What runs it.
    write : callable
        Put a program and the card of its model into a file.
    load : callable
        A file's function from images (N, C, H, W) to logits, on the CPU, with as many threads as torch has.
    """

    suffix: str
    runtime: str
    write: Callable[[ExportedProgram, Path, Mapping[str, Any]], None]
    load: Callable[[Path], Run]


def _write_onnx(program: ExportedProgram, path: Path, card: Mapping[str, Any]) -> None:
    _require_onnx()
    with warnings.catch_warnings():  # about what its parts will call deprecated
        warnings.simplefilter("ignore")
        made = torch.onnx.export(
            program, dynamic_shapes=({0: "batch"},), input_names=[INPUT], output_names=[OUTPUT], opset_version=OPSET,
            verbose=False,
        )  # fmt: skip
    assert made is not None  # noqa: S101 - None comes from the older exporter alone
    made.model.metadata_props.update({name: json.dumps(value) for name, value in card.items()})
    made.save(path, external_data=False)


def _load_onnx(path: Path) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(images: Tensor) -> Tensor:
        (logits,) = session.run([OUTPUT], {INPUT: images.numpy()})
        return torch.from_numpy(logits)

    return run


def _require_onnx() -> None:
    try:
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        hint = "pip install 'convwright[export]'"
        raise ConvwrightError("onnx", expected=f"{error.name} to be installed", hint=hint) from error


def _write_program(program: ExportedProgram, path: Path, card: Mapping[str, Any]) -> None:
    torch.export.save(program, path, extra_files={"model.json": json.dumps(card)})


def _load_program(path: Path) -> Run:
    return torch.export.load(path).module()


FORMATS = {
    "onnx": Format(suffix=".onnx", runtime="onnxruntime", write=_write_onnx, load=_load_onnx),
    "torch-export": Format(suffix=".pt2", runtime="torch.export", write=_write_program, load=_load_program),
}
