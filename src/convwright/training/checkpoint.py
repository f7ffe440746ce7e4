"""Checkpoints: one safetensors file each, with its state as JSON inside; written whole or not at all."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from .. import units
from ..errors import ConvwrightError
from ..files import remove_unfinished, replacing
from .state import bytes_of

_KEPT = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Checkpoint:
    """Tensors and state that a training needs to continue.

    Attributes
    ----------
    tensors : mapping of str to Tensor
        Weights, buffers, the optimizer's state.
    state : mapping of str to plain values
        Everything else, as JSON holds it.
    """

    tensors: Mapping[str, Tensor]
    state: Mapping[str, Any]


def write_checkpoint(folder: Path, step: int, checkpoint: Checkpoint) -> Path:
    """Write the checkpoint of a step, then remove all but the last two.

    The file appears under its name only when all of it is on the disk: killed at any moment, or out of space, this
    leaves what was there before.

    Raises
    ------
    ConvwrightError
        If the folder cannot be written, or is full.
    """
    tensors = _portable(checkpoint.tensors)
    state = json.dumps(checkpoint.state, sort_keys=True)
    path = folder / f"step-{step:09d}.safetensors"
    _save(path, tensors, {"state": state, "checksum": _checksum(tensors, state)})
    for old in checkpoints_in(folder)[:-_KEPT]:
        old.unlink()
    remove_unfinished(folder)  # large, where a process was killed; nobody else trains in this folder
    return path


def checkpoints_in(folder: Path) -> list[Path]:
    """The finished checkpoints of a folder, oldest first."""
    return sorted(folder.glob("step-*.safetensors"))


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint and compare it with its checksum.

    Raises
    ------
    ConvwrightError
        If it is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (OSError, SafetensorError) as error:
        raise ConvwrightError(f"checkpoint {path} cannot be read: {error}") from error
    if metadata.get("checksum") != _checksum(tensors, metadata.get("state", "")):
        raise ConvwrightError(f"checkpoint {path} is damaged: its checksum differs")
    return Checkpoint(tensors=tensors, state=json.loads(metadata["state"]))


def newest_checkpoint(folder: Path) -> tuple[Checkpoint | None, tuple[str, ...]]:
    """The newest checkpoint that is whole, or None if there never was one; and what is wrong with those passed over.

    Raises
    ------
    ConvwrightError
        If there are checkpoints, and all are damaged.
    """
    passed_over: list[str] = []
    for path in reversed(checkpoints_in(folder)):
        try:
            return read_checkpoint(path), tuple(passed_over)
        except ConvwrightError as error:
            passed_over.append(f"{error}; went back to the one before")
    if passed_over:
        raise ConvwrightError(f"every checkpoint in {folder} is damaged", hint="start anew in another folder")
    return None, ()


def write_weights(path: Path, model: nn.Module) -> None:
    """Write the weights of a model, for whoever wants to use it.

    Raises
    ------
    ConvwrightError
        If the file cannot be written.
    """
    _save(path, _portable(model.state_dict()), {"format": "pt"})


def _portable(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: each.detach().cpu().clone(memory_format=torch.contiguous_format) for name, each in tensors.items()}


def _save(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    size = units.bytes_(sum(value.nbytes for value in tensors.values()))
    hint = f"it takes {size} in a folder that can be written; earlier files are as they were"
    with replacing(path, hint=hint, is_durable=True) as unfinished:
        try:
            save_file(tensors, unfinished, metadata=metadata)
        except SafetensorError as error:  # what safetensors makes of a full disk
            raise OSError(str(error)) from error


def _checksum(tensors: Mapping[str, Tensor], state: str) -> str:
    digest = hashlib.sha256(state.encode())
    for name in sorted(tensors):
        value = tensors[name]
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(bytes_of(value))
    return digest.hexdigest()
