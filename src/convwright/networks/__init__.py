"""The one door to a network: a name and its arguments and weights in, a built network and its inputs out."""

from .arguments import parse_arguments
from .candidates import with_network
from .inputs.network_input import NetworkInput, parse_input, parse_inputs
from .name import NetworkName
from .network import Network
from .open import open_network, seeded

__all__ = [
    "Network",
    "NetworkInput",
    "NetworkName",
    "open_network",
    "parse_arguments",
    "parse_input",
    "parse_inputs",
    "seeded",
    "with_network",
]
