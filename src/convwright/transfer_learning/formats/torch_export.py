"""Program of torch.export, which torch itself runs without the network's source; the card is its extra file model.json.

Source: torch.export.save in PyTorch's documentation.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch.export import ExportedProgram

from .export_format import ExportFormat


def _write(program: ExportedProgram, path: Path, card: Mapping[str, Any]) -> None:
    torch.export.save(program, path, extra_files={"model.json": json.dumps(card)})


FORMAT = ExportFormat(
    suffix=".pt2", runtime="torch.export", write=_write, load=lambda path: torch.export.load(path).module()
)
