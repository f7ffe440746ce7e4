"""The one door to a network: a name and its arguments and weights in, a built network and its input out."""

from .arguments import parse_arguments
from .inputs import parse_input
from .name import NetworkName
from .network import Network
from .open import open_network, seeded

__all__ = ["Network", "NetworkName", "open_network", "parse_arguments", "parse_input", "seeded"]
