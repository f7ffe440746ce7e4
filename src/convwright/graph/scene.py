"""The call that failed, with what an explanation needs to know around it."""

from dataclasses import dataclass
from typing import Any

from .construction import construction_place
from .module_tree import ModuleTree
from .records import Op, Place, Tensor


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The call that is being traced, as far as an explanation needs it.

    Attributes
    ----------
    kind, args
        Kind and canonical arguments of the call.
    path : str
        The module that is running.
    place : Place or None
        The line that called.
    ops : list of Op
        What was recorded before.
    tree : ModuleTree
        The model.
    """

    kind: str
    args: dict[str, Any]
    path: str
    place: Place | None
    ops: list[Op]
    tree: ModuleTree

    def giver(self, tensor: Tensor) -> str:
        """Who made `tensor`, for a sentence: the module, the op, or the input."""
        if tensor.producer is None:
            return f"{tensor.role} `{tensor.name}`" if tensor.name else tensor.role
        op = self.ops[tensor.producer]
        return f"`{op.path}`" if op.path and op.path != self.path else op.kind

    def owner(self, tensor: Tensor) -> str:
        """Path of the module that owns a parameter or buffer."""
        return tensor.name.rpartition(".")[0]

    def built(self, path: str) -> str:
        """` (net.py:41)`, where the module at `path` was built, or nothing when that is not known."""
        place = construction_place(path, self.tree.classes())
        return f" ({place})" if place else ""
