"""Any `nn.Module` in, an immutable `Graph` out: traced once, with nothing computed and nothing changed."""

from .graph import Graph
from .records import ModuleRow, Op, Place, Tensor, Weight
from .trace import trace

__all__ = [
    "Graph",
    "ModuleRow",
    "Op",
    "Place",
    "Tensor",
    "Weight",
    "trace",
]
