"""Knobs that several lessons have."""

from ..shared.knobs import Knob
from .filters import FILTERS
from .lesson import Slider

FILTER = Knob(
    name="filter",
    kind="choice",
    default="vertical edges",
    choices=tuple(FILTERS),
    help="Pattern that the convolution looks for.",
)
KERNEL_SIZE = Slider(name="kernel_size", kind="whole", default=3, low=1, high=9, help="Pixels of a side of the window.")
STRIDE = Slider(name="stride", kind="whole", default=2, low=1, high=8, help="Pixels from one window to the next.")
PADDING = Slider(name="padding", kind="whole", default=0, low=0, high=4, help="Pixels added on each side.")
DILATION = Slider(name="dilation", kind="whole", default=1, low=1, high=4, help="Pixels from one tap to the next.")
MIX = Slider(
    name="mix", kind="number", default=0.5, low=0, high=1, step=0.05, help="Weight of the maximum in mixed pooling."
)
P = Slider(name="p", kind="number", default=3.0, low=1, high=20, step=0.5, help="Power of Lp and GeM pooling.")
