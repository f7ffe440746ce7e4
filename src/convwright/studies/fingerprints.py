"""What makes two runs the same: what the network computes, its first weights, the data, the recipe, the measures."""

import ast
import hashlib
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from ..graph import trace
from .study import Measure

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def model_fingerprint(model: nn.Module, image_shape: tuple[int, int, int]) -> str:
    """Changes with what a training of `model` computes and starts from, not with how its source is written.

    It is of the ops of a traced batch in training mode, their arguments, and every first weight.
    """
    modes = [(layer, layer.training) for layer in model.modules()]
    graph = trace(model.train(), (2, *image_shape)).to_dict()
    for layer, training in modes:
        layer.training = training
    ops = [{**op, "place": None, "module_type": None} for op in graph["ops"]]
    digest = hashlib.sha256(_text([ops, graph["tensors"], graph["parameters"], graph["buffers"]]))
    for name, value in sorted(model.state_dict().items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.detach().contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()[:16]


def measure_fingerprint(measure: Measure) -> str:
    """Changes with the code of the function that measures; not with its comments or docstring."""
    return hashlib.sha256(_text([measure.name, measure.before, code_of(measure.function)])).hexdigest()[:16]


def job_fingerprint(parts: Sequence[str | int]) -> str:
    """One name for all that a run depends on."""
    return hashlib.sha256(_text(list(parts))).hexdigest()[:24]


def code_of(function: Callable[..., Any]) -> str:
    """The code of a function as a syntax tree without its docstring; its name where there is no source.

    >>> code_of(len)
    'builtins.len'
    """
    if isinstance(function, partial):
        return f"{code_of(function.func)} {function.args} {function.keywords}"
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', type(function).__qualname__)}"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def _text(values: Any) -> bytes:
    return _ADDRESS.sub("", json.dumps(values, sort_keys=True, default=str)).encode()
