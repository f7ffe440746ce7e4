"""The colors and markers of every picture.

Source: Okabe and Ito 2008, "Color Universal Design": told apart in every kind of color blindness.
"""

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE, INK = "#0072B2", "#D55E00", "#CC79A7", "#000000"

ON_PAPER = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INK)
"""In the order in which they are taken; yellow cannot be seen on white."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "d", "h")
LINES = ("-", "--", ":", "-.")
