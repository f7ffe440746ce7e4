"""One change to a network, as data: `fix_source` makes it in the source, `fix_module` in a live module.

Code in an edit is a template. `{old}` is the expression that is replaced, and `{name}` for a constructor's argument
(`{in_channels}`) is what it was given: in the source as written there, in a live module its value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..graph import Op


@dataclass(frozen=True, kw_only=True)
class SetArguments:
    """Construct the module at `path` with other arguments.

    >>> SetArguments(path="conv1", values={"bias": False})
    SetArguments(path='conv1', values={'bias': False})
    """

    path: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Replace:
    """Put what `code` makes where the module at `path` was: `nn.Identity()`, `nn.Sequential({old}, nn.ReLU())`."""

    path: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Swap:
    """Exchange the modules at two paths."""

    path: str
    other: str


@dataclass(frozen=True, kw_only=True)
class Delete:
    """Remove the module at `path`, which is never called."""

    path: str


@dataclass(frozen=True, kw_only=True)
class RewriteCall:
    """Replace a functional call by `code`, in which `{input}` is its first argument, or what its method is called on.

    Only the source can be edited so: `F.softmax(x, dim=1)` to `{input}`, `x.view(-1, 400)` to `{input}.flatten(1)`.
    """

    op: Op
    code: str


Edit = SetArguments | Replace | Swap | Delete | RewriteCall
