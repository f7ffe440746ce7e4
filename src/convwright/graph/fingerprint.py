"""Fingerprint of a network: two are the same if they run the same ops with the same weights."""

import hashlib
import json
import re
from typing import Any

import torch
from torch import nn

from .modes import in_mode
from .trace import trace

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def model_fingerprint(model: nn.Module, image_shape: tuple[int, int, int], *, training: bool = True) -> str:
    """Return a hash of what `model` computes and of its weights, whatever way its source is written.

    It covers the ops of a traced batch, their arguments, and the whole state.

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, W) of the images.
    training : bool
        Mode in which the model is traced; every layer's own is restored.
    """
    with in_mode(model, training=training):
        graph = trace(model, (2, *image_shape), values=False).to_dict()
    ops = [{**op, "place": None, "module_type": None} for op in graph["ops"]]
    digest = hashlib.sha256(stable_bytes([ops, graph["tensors"], graph["parameters"], graph["buffers"]]))
    for name, value in sorted(model.state_dict().items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()[:16]


def stable_bytes(values: Any) -> bytes:
    """Return plain values as JSON without the addresses of objects, the same in every process.

    >>> stable_bytes({"act": object()})
    b'{"act": "<object object>"}'
    """
    return _ADDRESS.sub("", json.dumps(values, sort_keys=True, default=str)).encode()
