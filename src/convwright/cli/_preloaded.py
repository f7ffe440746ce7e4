"""Modules that a look at a user's file needs, imported before processes are forked: none imports them itself."""

import importlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from torch import nn

from ..linter import fix_source  # noqa: F401
from ..linter.engine import lint
from ..networks import candidates, trial  # noqa: F401

# Rules are imported by the first `lint`, and what torch says of shapes that do not fit by the first of those.
lint(nn.Sequential(nn.Flatten(), nn.Linear(2, 2, device="meta")), (1, 3, 8, 8))

_MANY = 4  # files from which on a library is imported once for all of them, rather than by each
# Libraries that take long to import, with a word of the files that need them: optimizers need the first.
_LIBRARIES = (("torch._dynamo", b"torch"), ("torchvision", b"torchvision"), ("timm", b"timm"))


def import_shared(files: Iterable[str]) -> None:
    """Import the libraries that many of these files need, before processes for the files are forked."""
    texts = [path.read_bytes() for path in map(Path, files) if path.is_file()]
    for name, word in _LIBRARIES:
        if sum(word in text for text in texts) >= _MANY:
            with suppress(ImportError):
                importlib.import_module(name)
