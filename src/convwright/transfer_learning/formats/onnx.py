"""ONNX, which onnxruntime runs; each entry of the card is JSON in the model's metadata.

Source: https://github.com/onnx/onnx/blob/main/docs/IR.md.
"""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram

from .export_format import ExportFormat, RunImages

OPSET = 18  # what torch's exporter writes by itself; it converts its output for others
_INPUT, _OUTPUT = "images", "logits"


def _write(program: ExportedProgram, path: Path, card: Mapping[str, Any]) -> None:
    with warnings.catch_warnings():  # about deprecated calls inside the exporter
        warnings.simplefilter("ignore")
        exported = torch.onnx.export(
            program,
            dynamic_shapes=({0: "batch"},),
            input_names=[_INPUT],
            output_names=[_OUTPUT],
            opset_version=OPSET,
            verbose=False,
        )
    assert exported is not None  # noqa: S101 - None comes from the older exporter alone
    exported.model.metadata_props.update({name: json.dumps(value) for name, value in card.items()})
    exported.save(path, external_data=False)


def _load(path: Path) -> RunImages:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(images: Tensor) -> Tensor:
        (logits,) = session.run([_OUTPUT], {_INPUT: images.numpy()})
        return torch.from_numpy(logits)

    return run


FORMAT = ExportFormat(
    suffix=".onnx",
    runtime="onnxruntime",
    write=_write,
    load=_load,
    packages=("onnxscript", "onnxruntime"),
    opset=OPSET,
)
