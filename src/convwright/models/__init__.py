"""The architectures, one family a file, and the catalog that builds them by name."""

from ..preprocessing import Preprocessing
from .catalog import build, config_of, families, family_of, model_names
from .family import Family
from .net import ConvNet, NetConfig
from .scaling import CompoundScaling, compound, search_coefficients
from .weights import load_weights

__all__ = [
    "CompoundScaling",
    "ConvNet",
    "Family",
    "NetConfig",
    "Preprocessing",
    "build",
    "compound",
    "config_of",
    "families",
    "family_of",
    "load_weights",
    "model_names",
    "search_coefficients",
]
