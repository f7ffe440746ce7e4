"""Modules that a look at a user's file needs, imported before processes are forked: none imports them itself."""

from torch import nn

from ..linter import fix_source  # noqa: F401
from ..linter.engine import lint
from ..networks import candidates, trial  # noqa: F401

# Rules are imported by the first `lint`, and what torch says of shapes that do not fit by the first of those.
lint(nn.Sequential(nn.Flatten(), nn.Linear(2, 2, device="meta")), (1, 3, 8, 8))
